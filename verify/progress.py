"""What is seen of a run while it goes on: a live picture on a terminal, one line a claim elsewhere."""

from __future__ import annotations

import abc
import time
from typing import TYPE_CHECKING, Any, Self

from lemmata.verify.discover import ClaimRef
from lemmata.verify.record import Record
from lemmata.verify.run import Event, EventKind

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

COLOURS = {"proved": "green", "certified": "green", "supported": "cyan", "refuted": "red", "inconclusive": "yellow"}


def colour(record: Record) -> str:
    """The colour of a verdict: a refutation that was expected is good news."""
    if record.verdict.value == "refuted" and record.as_expected:
        return "green"
    return COLOURS[record.verdict.value]


class Progress(abc.ABC):
    """Hears the events of a run; use as a context manager."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self.total = total
        self.done = 0
        self.recalled = 0
        self.outputs: dict[ClaimRef, str] = {}
        self.started = time.monotonic()

    def __call__(self, event: Event) -> None:
        match event.kind:
            case EventKind.RECALLED:
                self.done += 1
                self.total = max(self.total, self.done)
                self.recalled += 1
                self.outputs[event.ref] = event.output
            case EventKind.STARTED:
                self.on_start(event.ref)
            case EventKind.STAGE:
                self.on_stage(event.ref, event.stage)
            case EventKind.FINISHED:
                assert event.record is not None
                self.done += 1
                self.total = max(self.total, self.done)  # claims that are judged because others use them come on top
                self.outputs[event.ref] = event.output
                self.on_finish(event.ref, event.record)

    @abc.abstractmethod
    def on_start(self, ref: ClaimRef) -> None: ...

    @abc.abstractmethod
    def on_stage(self, ref: ClaimRef, stage: str) -> None: ...

    @abc.abstractmethod
    def on_finish(self, ref: ClaimRef, record: Record) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class PlainProgress(Progress):
    """One line a claim, as it is finished."""

    def on_start(self, ref: ClaimRef) -> None:
        return None

    def on_stage(self, ref: ClaimRef, stage: str) -> None:
        return None

    def on_finish(self, ref: ClaimRef, record: Record) -> None:
        width = len(str(self.total))
        mark = "" if record.as_expected else "  NOT AS EXPECTED"
        text = f"[{self.done:{width}}/{self.total}] {record.verdict.value:<12} {record.name} ({record.seconds:.1f} s){mark}"
        self.console.print(text, soft_wrap=True, markup=False, highlight=False)
        self.console.file.flush()


class LiveProgress(Progress):
    """Claims done, the current ones with their stage, and the time; unexpected verdicts stay on the screen."""

    def __init__(self, console: Console, total: int) -> None:
        super().__init__(console, total)
        self.current: dict[ClaimRef, tuple[float, str]] = {}
        self._live: Any = None

    def __enter__(self) -> Self:
        from rich.live import Live

        self._live = Live(get_renderable=self.picture, console=self.console, refresh_per_second=8, transient=True)
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def on_start(self, ref: ClaimRef) -> None:
        self.current[ref] = (time.monotonic(), "starting")

    def on_stage(self, ref: ClaimRef, stage: str) -> None:
        began, _ = self.current.get(ref, (time.monotonic(), ""))
        self.current[ref] = (began, stage)

    def on_finish(self, ref: ClaimRef, record: Record) -> None:
        self.current.pop(ref, None)
        if not record.as_expected:
            from rich.text import Text

            self.console.print(Text(f"{record.verdict.value:<12} {record.name}", style=colour(record)))
        self._live.refresh()

    def picture(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        elapsed = int(time.monotonic() - self.started)
        bar = Table.grid(padding=(0, 1))
        done = Text(f"{self.done} of {self.total} claims")
        bar.add_row(done, ProgressBar(total=max(self.total, 1), completed=self.done, width=24), Text(f"{elapsed // 60}:{elapsed % 60:02d}"))
        now = time.monotonic()
        lines = [
            Text(f"  {ref.name}: {stage}, {now - began:.0f} s", overflow="ellipsis", no_wrap=True, style="dim")
            for ref, (began, stage) in list(self.current.items())
        ]
        return Group(bar, *lines)


def progress(console: Console, total: int) -> Progress:
    """The progress that suits a console."""
    return LiveProgress(console, total) if console.is_terminal else PlainProgress(console, total)
