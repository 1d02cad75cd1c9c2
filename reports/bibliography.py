"""The works that claims, rules and instruments cite: key to entry; only those cited are printed.

A claim's source is a key with a place in the work, or free text; free text that names the authors and the year of an
entry is cited as that entry, and is printed as given otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lemmata.reports.prose import prose


@dataclass(frozen=True, slots=True)
class Work:
    """One work.

    authors  as cited in the text ("Cho and Saul"); names in full
    title    of the work
    venue    where it appeared, with pages
    """

    authors: str
    names: str
    year: str
    title: str
    venue: str

    @property
    def surnames(self) -> tuple[str, ...]:
        """The surnames that the short form of the authors shows."""
        return tuple(name for name in re.split(r",\s*|\s+and\s+|\s+et al\.?", self.authors) if name)


WORKS: dict[str, Work] = {
    "cho-saul-2009": Work(
        "Cho and Saul", "Youngmin Cho and Lawrence K. Saul", "2009",
        "Kernel methods for deep learning", "Advances in Neural Information Processing Systems 22, pp. 342--350",
    ),
    "daniely-frostig-singer-2016": Work(
        "Daniely, Frostig and Singer", "Amit Daniely, Roy Frostig and Yoram Singer", "2016",
        "Toward deeper understanding of neural networks: the power of initialization and a dual view on expressivity",
        "Advances in Neural Information Processing Systems 29",
    ),
    "poole-2016": Work(
        "Poole et al.", "Ben Poole, Subhaneil Lahiri, Maithra Raghu, Jascha Sohl-Dickstein and Surya Ganguli", "2016",
        "Exponential expressivity in deep neural networks through transient chaos",
        "Advances in Neural Information Processing Systems 29",
    ),
    "schoenholz-2017": Work(
        "Schoenholz et al.", "Samuel S. Schoenholz, Justin Gilmer, Surya Ganguli and Jascha Sohl-Dickstein", "2017",
        "Deep information propagation", "International Conference on Learning Representations",
    ),
    "williams-1997": Work(
        "Williams", "Christopher K. I. Williams", "1997",
        "Computing with infinite networks", "Advances in Neural Information Processing Systems 9, pp. 295--301",
    ),
    "price-1958": Work(
        "Price", "Robert Price", "1958",
        "A useful theorem for nonlinear devices having Gaussian inputs", "IRE Transactions on Information Theory 4(2), pp. 69--72",
    ),
    "saxe-2014": Work(
        "Saxe, McClelland and Ganguli", "Andrew M. Saxe, James L. McClelland and Surya Ganguli", "2014",
        "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
        "International Conference on Learning Representations",
    ),
    "bach-2017": Work(
        "Bach", "Francis Bach", "2017",
        "Breaking the curse of dimensionality with convex neural networks", "Journal of Machine Learning Research 18(19), pp. 1--53",
    ),
    "bietti-bach-2021": Work(
        "Bietti and Bach", "Alberto Bietti and Francis Bach", "2021",
        "Deep equals shallow for ReLU networks in kernel regimes", "International Conference on Learning Representations",
    ),
    "baldi-hornik-1989": Work(
        "Baldi and Hornik", "Pierre Baldi and Kurt Hornik", "1989",
        "Neural networks and principal component analysis: learning from examples without local minima",
        "Neural Networks 2(1), pp. 53--58",
    ),
    "hardt-ma-2017": Work(
        "Hardt and Ma", "Moritz Hardt and Tengyu Ma", "2017",
        "Identity matters in deep learning", "International Conference on Learning Representations",
    ),
    "nesterov-2018": Work(
        "Nesterov", "Yurii Nesterov", "2018", "Lectures on convex optimization", "Second edition, Springer",
    ),
    "lee-2016": Work(
        "Lee et al.", "Jason D. Lee, Max Simchowitz, Michael I. Jordan and Benjamin Recht", "2016",
        "Gradient descent only converges to minimizers", "Conference on Learning Theory, PMLR 49, pp. 1246--1257",
    ),
    "bartlett-2018": Work(
        "Bartlett, Helmbold and Long", "Peter L. Bartlett, David P. Helmbold and Philip M. Long", "2018",
        "Gradient descent with identity initialization efficiently learns positive definite linear transformations "
        "by deep residual networks",
        "International Conference on Machine Learning, PMLR 80, pp. 521--530",
    ),
    "laurent-von-brecht-2018": Work(
        "Laurent and von Brecht", "Thomas Laurent and James H. von Brecht", "2018",
        "The multilinear structure of ReLU networks", "International Conference on Machine Learning, PMLR 80, pp. 2908--2916",
    ),
    "laurent-von-brecht-linear-2018": Work(
        "Laurent and von Brecht", "Thomas Laurent and James H. von Brecht", "2018",
        "Deep linear networks with arbitrary loss: all local minima are global",
        "International Conference on Machine Learning, PMLR 80, pp. 2902--2907",
    ),
    "polyak-1964": Work(
        "Polyak", "Boris T. Polyak", "1964",
        "Some methods of speeding up the convergence of iteration methods",
        "USSR Computational Mathematics and Mathematical Physics 4(5), pp. 1--17",
    ),
    "jury-1964": Work(
        "Jury", "Eliahu I. Jury", "1964", "Theory and application of the z-transform method", "Wiley",
    ),
    "marden-1966": Work(
        "Marden", "Morris Marden", "1966", "Geometry of polynomials",
        "Second edition, Mathematical Surveys 3, American Mathematical Society",
    ),
    "elsner-1985": Work(
        "Elsner", "Ludwig Elsner", "1985", "An optimal bound for the spectral variation of two matrices",
        "Linear Algebra and its Applications 71, pp. 77--80",
    ),
    "baur-strassen-1983": Work(
        "Baur and Strassen", "Walter Baur and Volker Strassen", "1983", "The complexity of partial derivatives",
        "Theoretical Computer Science 22(3), pp. 317--330",
    ),
    "griewank-walther-2008": Work(
        "Griewank and Walther", "Andreas Griewank and Andrea Walther", "2008",
        "Evaluating derivatives: principles and techniques of algorithmic differentiation", "Second edition, SIAM",
    ),
    "abbaszadehpeivasti-2022": Work(
        "Abbaszadehpeivasti, de Klerk and Zamani", "Hadi Abbaszadehpeivasti, Etienne de Klerk and Moslem Zamani", "2022",
        "The exact worst-case convergence rate of the gradient method with fixed step lengths for L-smooth functions",
        "Optimization Letters 16, pp. 1649--1661",
    ),
    "taylor-2017": Work(
        "Taylor, Hendrickx and Glineur", "Adrien B. Taylor, Julien M. Hendrickx and Fran\u00e7ois Glineur", "2017",
        "Exact worst-case performance of first-order methods for composite convex optimization",
        "SIAM Journal on Optimization 27(3), pp. 1283--1313",
    ),
    "yarotsky-lecture": Work("Yarotsky", "Dmitry Yarotsky", "", "Optimization of neural networks", "Lecture slides"),
    "chen-li-lin-2024": Work(
        "Chen, Li and Lin", "Guhan Chen, Yicheng Li and Qian Lin", "2024",
        "On the impacts of the random initialization in the neural tangent kernel theory",
        "Advances in Neural Information Processing Systems 37",
    ),
    "safran-shamir-2016": Work(
        "Safran and Shamir", "Itay Safran and Ohad Shamir", "2016",
        "On the quality of the initial basin in overspecified neural networks",
        "International Conference on Machine Learning, PMLR 48, pp. 774--782",
    ),
    "safran-shamir-2018": Work(
        "Safran and Shamir", "Itay Safran and Ohad Shamir", "2018",
        "Spurious local minima are common in two-layer ReLU neural networks",
        "International Conference on Machine Learning, PMLR 80, pp. 4433--4441",
    ),
    "magnus-neudecker-1999": Work(
        "Magnus and Neudecker", "Jan R. Magnus and Heinz Neudecker", "1999",
        "Matrix differential calculus with applications in statistics and econometrics", "Second edition, Wiley",
    ),
    "stein-1981": Work(
        "Stein", "Charles M. Stein", "1981",
        "Estimation of the mean of a multivariate normal distribution", "The Annals of Statistics 9(6), pp. 1135--1151",
    ),
    "clopper-pearson-1934": Work(
        "Clopper and Pearson", "C. J. Clopper and E. S. Pearson", "1934",
        "The use of confidence or fiducial limits illustrated in the case of the binomial", "Biometrika 26(4), pp. 404--413",
    ),
    "howard-2021": Work(
        "Howard et al.", "Steven R. Howard, Aaditya Ramdas, Jon McAuliffe and Jasjeet Sekhon", "2021",
        "Time-uniform, nonparametric, nonasymptotic confidence sequences", "The Annals of Statistics 49(2), pp. 1055--1080",
    ),
    "squire-trapp-1998": Work(
        "Squire and Trapp", "William Squire and George Trapp", "1998",
        "Using complex variables to estimate derivatives of real functions", "SIAM Review 40(1), pp. 110--112",
    ),
    "sympy": Work(
        "Meurer et al.", "Aaron Meurer et al.", "2017",
        "SymPy: symbolic computing in Python", "PeerJ Computer Science 3:e103",
    ),
    "arb": Work(
        "Johansson", "Fredrik Johansson", "2017",
        "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", "IEEE Transactions on Computers 66(8), pp. 1281--1292",
    ),
    "pytorch": Work(
        "Paszke et al.", "Adam Paszke et al.", "2019",
        "PyTorch: an imperative style, high-performance deep learning library", "Advances in Neural Information Processing Systems 32",
    ),
    "scikit-learn": Work(
        "Pedregosa et al.", "Fabian Pedregosa et al.", "2011",
        "Scikit-learn: machine learning in Python", "Journal of Machine Learning Research 12, pp. 2825--2830",
    ),
}  # fmt: skip


def find(text: str) -> tuple[str, str] | None:
    """The key of the work that a source names, and the place in it; None when it names none of them.

    >>> find("Cho & Saul (2009), eq. (6)"), find("yarotsky-lecture"), find("a blog post")
    (('cho-saul-2009', 'eq. (6)'), ('yarotsky-lecture', ''), None)
    """
    if text in WORKS:
        return text, ""
    for key, work in WORKS.items():
        if not text.startswith(work.surnames[0]) or (work.year and work.year not in text):
            continue
        if not work.year and work.title.lower() not in text.lower() and "lecture" not in text.lower():
            continue
        if all(name in text for name in work.surnames) or "et al" in text:
            return key, _place(text, work)
    return None


def _place(text: str, work: Work) -> str:
    """What follows the year (or the title of a work without one)."""
    mark = work.year or work.title
    at = text.lower().find(mark.lower())
    rest = text[at + len(mark) :] if at >= 0 else text[text.lower().find("lecture") + len("lecture") :]
    rest = rest.lstrip("),.:; \"'").rstrip(".,;: ")
    if rest.lower().startswith(work.title.lower()):
        rest = rest[len(work.title) :].lstrip(",.:; ")
    return rest.removesuffix(")") if rest.count(")") > rest.count("(") else rest


class Citations:
    """The works cited so far in one document, in the order of their first citation."""

    def __init__(self) -> None:
        self._cited: dict[str, None] = {}

    def cite(self, key: str, locus: str = "") -> str:
        """The LaTeX of a citation as part of a sentence; text that matches no work is printed as given."""
        found = self._note(key, locus)
        if found is None:
            return prose(", ".join(part for part in (key, locus) if part))
        name, where = found
        return f"\\citet[{{{where}}}]{{{name}}}" if where else f"\\citet{{{name}}}"

    def aside(self, key: str, locus: str = "") -> str:
        """The LaTeX of a citation in brackets."""
        found = self._note(key, locus)
        if found is None:
            return f"({prose(', '.join(part for part in (key, locus) if part))})"
        name, where = found
        return f"\\citep[{{{where}}}]{{{name}}}" if where else f"\\citep{{{name}}}"

    def _note(self, key: str, locus: str) -> tuple[str, str] | None:
        found = find(key)
        if found is None:
            return None
        name, place = found
        self._cited[name] = None
        where = prose(", ".join(part for part in (place, locus) if part))
        return name, where.replace("[", "{[}").replace("]", "{]}")  # natbib takes the outer braces off and reads brackets again

    def works(self) -> tuple[tuple[str, Work], ...]:
        """The works cited, by author and year."""
        return tuple(sorted(((key, WORKS[key]) for key in self._cited), key=lambda pair: (pair[1].authors, pair[1].year)))


def keys(sources: Iterable[str]) -> list[str]:
    """The keys of the works that some sources name, once each."""
    return list(dict.fromkeys(found[0] for found in map(find, sources) if found is not None))
