"""Random networks of finite width, drawn with their weights or through their Gram matrices.

- `network`: activation, widths, laws of weights and biases, as data; inputs without repetitions.
- `estimates`: means over networks (NNGP, NTK, squares) with standard errors; `replicates`: running moments and controls.
- `gram_law`, `factors`, `tangent`: the exact laws of layers without their weights.
- `widths`: the limit and its 1/n coefficient, fitted; `preactivations`: one layer by itself.
"""
