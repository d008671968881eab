"""Names in pickles of NumPy and SciPy, by role, by the paths of their old and new versions."""

from __future__ import annotations

__all__ = ["NAMES"]

NAMES: dict[str, dict[str, str]] = {
    "value": {
        "numpy": (
            "abs absolute acos acosh add amax amin angle arccos arccosh arcsin arcsinh arctan "
            "arctan2 arctanh argmax argmin argsort around array asarray ascontiguousarray asin "
            "asinh atan atan2 atanh atleast_1d atleast_2d average bitwise_and bitwise_count "
            "bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift "
            "bitwise_xor bool bool_ bytes_ cbrt ceil clip complex128 complex64 concatenate conj "
            "conjugate copysign cos cosh cumprod cumsum datetime64 deg2rad degrees diff divide "
            "divmod dot equal exp exp2 expm1 fabs flip float16 float32 float64 float_ float_power "
            "floor floor_divide fmax fmin fmod frexp full_like gcd greater greater_equal "
            "heaviside hstack hypot identity imag inner int16 int32 int64 int8 int_ intc invert "
            "isclose isfinite isinf isnan isnat lcm ldexp left_shift less less_equal log log10 "
            "log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor "
            "longdouble longlong matmul matvec max maximum mean median min minimum mod modf "
            "multiply nan_to_num nanmax nanmean nanmedian nanmin nanstd nansum nanvar negative "
            "nextafter not_equal object_ ones_like outer percentile positive pow power prod ptp "
            "quantile rad2deg radians ravel real reciprocal record remainder reshape right_shift "
            "rint round sign signbit sin sinh sort spacing sqrt square squeeze stack std str_ "
            "subtract sum tan tanh timedelta64 transpose true_divide trunc uint16 uint32 uint64 "
            "uint8 uintc ulonglong unique var vecdot vecmat void vstack where zeros_like"
        ),
        "numpy.core numpy._core numpy.core.umath numpy._core.umath": (
            "abs absolute acos acosh add arccos arccosh arcsin arcsinh arctan arctan2 arctanh "
            "asin asinh atan atan2 atanh bitwise_and bitwise_count bitwise_invert "
            "bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor cbrt ceil "
            "conj conjugate copysign cos cosh deg2rad degrees divide divmod equal exp exp2 expm1 "
            "fabs float_power floor floor_divide fmax fmin fmod frexp gcd greater greater_equal "
            "heaviside hypot invert isfinite isinf isnan isnat lcm ldexp left_shift less "
            "less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not "
            "logical_or logical_xor matmul matvec maximum minimum mod modf multiply negative "
            "nextafter not_equal positive pow power rad2deg radians reciprocal remainder "
            "right_shift rint sign signbit sin sinh spacing sqrt square subtract tan tanh "
            "true_divide trunc vecdot vecmat"
        ),
        "numpy.core._multiarray_umath numpy._core._multiarray_umath": (
            "abs absolute acos acosh add arccos arccosh arcsin arcsinh arctan arctan2 arctanh "
            "asin asinh atan atan2 atanh bitwise_and bitwise_count bitwise_invert "
            "bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor cbrt ceil "
            "conj conjugate copysign cos cosh deg2rad degrees divide divmod equal exp exp2 expm1 "
            "fabs float_power floor floor_divide fmax fmin fmod frexp gcd greater greater_equal "
            "heaviside hypot invert isfinite isinf isnan isnat lcm ldexp left_shift less "
            "less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not "
            "logical_or logical_xor matmul matvec maximum minimum mod modf multiply negative "
            "nextafter not_equal positive pow power rad2deg radians reciprocal remainder "
            "right_shift rint sign signbit sin sinh spacing sqrt square subtract tan tanh "
            "true_divide trunc vecdot vecmat"
        ),
        "numpy.core.fromnumeric numpy._core.fromnumeric": (
            "amax amin argmax argmin argsort clip cumprod cumsum mean prod ptp ravel reshape "
            "round sort squeeze std sum transpose var"
        ),
        "numpy.core.numerictypes numpy._core.numerictypes": (
            "bool bool_ bytes_ complex128 complex64 datetime64 float16 float32 float64 float_ "
            "int16 int32 int64 int8 int_ intc longdouble longlong object_ str_ timedelta64 uint16 "
            "uint32 uint64 uint8 uintc ulonglong void"
        ),
        "numpy.lib.function_base numpy.lib._function_base_impl": (
            "angle average diff flip median percentile quantile"
        ),
        "scipy._lib.array_api_compat.numpy._aliases": "asarray",
        "scipy.special._special_ufuncs scipy.special._ufuncs scipy.special": (
            "erf erfc expit expm1 gamma gammaln log1p logit xlogy"
        ),
    },
    "record": {
        "numpy numpy.rec numpy.core.records numpy._core.records": "record",
    },
    "array": {
        "numpy.core.multiarray numpy._core.multiarray": "_reconstruct",
    },
    "scalar": {
        "numpy.core.multiarray numpy._core.multiarray": "scalar",
    },
    "buffer": {
        "numpy.core.numeric numpy._core.numeric": "_frombuffer",
    },
    "array-class": {
        "numpy": "matrix memmap ndarray recarray",
        "numpy.matrixlib.defmatrix": "matrix",
        "numpy.rec numpy.core.records numpy._core.records": "recarray",
    },
    "masked": {
        "numpy.ma.core": "_mareconstruct",
    },
    "masked-class": {
        "numpy.ma numpy.ma.core": "MaskedArray",
    },
    "dtype": {
        "numpy": "dtype",
    },
    "bit-generator": {
        "numpy.random._pickle": "__bit_generator_ctor",
    },
    "generator": {
        "numpy.random._pickle": "__generator_ctor __randomstate_ctor",
    },
    "first-class": {
        "numpy.random.bit_generator numpy.random._bit_generator": "__pyx_unpickle_SeedSequence",
    },
    "own-new": {
        "numpy.random._mt19937": "MT19937",
        "numpy.random._pcg64": "PCG64 PCG64DXSM",
        "numpy.random._philox": "Philox",
        "numpy.random._sfc64": "SFC64",
        "numpy.random.bit_generator numpy.random._bit_generator": "SeedSequence",
        "scipy.interpolate._cubic": "Akima1DInterpolator CubicSpline PchipInterpolator",
        "scipy.interpolate._interpolate": "PPoly",
        "scipy.interpolate._rbfinterp": "RBFInterpolator",
    },
    "model": {
        "numpy": "poly1d",
        "numpy.lib.polynomial": "poly1d",
        "numpy.polynomial.chebyshev": "Chebyshev",
        "numpy.polynomial.hermite": "Hermite",
        "numpy.polynomial.hermite_e": "HermiteE",
        "numpy.polynomial.laguerre": "Laguerre",
        "numpy.polynomial.legendre": "Legendre",
        "numpy.polynomial.polynomial": "Polynomial",
        "scipy.interpolate._bsplines": "BSpline",
        "scipy.interpolate._rgi": "RegularGridInterpolator",
        "scipy.stats._kde": "gaussian_kde",
    },
    "model-keys": {
        "scipy.optimize._optimize": "OptimizeResult",
        "scipy.sparse._dok scipy.sparse.dok": "dok_array dok_matrix",
    },
    "native-model": {
        "scipy.sparse._bsr scipy.sparse.bsr": "bsr_array bsr_matrix",
        "scipy.sparse._coo scipy.sparse.coo": "coo_array coo_matrix",
        "scipy.sparse._csc scipy.sparse.csc": "csc_array csc_matrix",
        "scipy.sparse._csr scipy.sparse.csr": "csr_array csr_matrix",
        "scipy.sparse._dia scipy.sparse.dia": "dia_array dia_matrix",
        "scipy.sparse._lil scipy.sparse.lil": "lil_array lil_matrix",
    },
    "native-new": {
        "scipy.spatial._ckdtree scipy.spatial.ckdtree": "cKDTree",
        "scipy.spatial.transform._rotation scipy.spatial.transform.rotation": "Rotation",
        "scipy.spatial._kdtree scipy.spatial.kdtree": "KDTree",
    },
}
