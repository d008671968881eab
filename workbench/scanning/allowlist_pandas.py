"""Names in pickles of pandas and of the Arrow arrays in its tables, by role; from 2.2 and 3.1."""

from __future__ import annotations

__all__ = ["NAMES"]

NAMES: dict[str, dict[str, str]] = {
    "model": {
        "pandas": (
            "ArrowDtype BooleanDtype CategoricalDtype DataFrame DatetimeTZDtype Float32Dtype "
            "Float64Dtype Int16Dtype Int32Dtype Int64Dtype Int8Dtype IntervalDtype Series "
            "SparseDtype UInt16Dtype UInt32Dtype UInt64Dtype UInt8Dtype"
        ),
        "pandas.arrays": "ArrowStringArray BooleanArray FloatingArray IntegerArray SparseArray",
        "pandas.core.arrays.boolean": "BooleanArray BooleanDtype",
        "pandas.core.arrays.floating": "Float32Dtype Float64Dtype FloatingArray",
        "pandas.core.arrays.integer": (
            "Int16Dtype Int32Dtype Int64Dtype Int8Dtype IntegerArray UInt16Dtype UInt32Dtype "
            "UInt64Dtype UInt8Dtype"
        ),
        "pandas.core.arrays.sparse.array": "SparseArray",
        "pandas.core.arrays.string_arrow pandas.arrays": "ArrowStringArray",
        "pandas.core.dtypes.dtypes": (
            "ArrowDtype CategoricalDtype DatetimeTZDtype IntervalDtype SparseDtype"
        ),
        "pandas.core.frame": "DataFrame",
        "pandas.core.series": "Series",
    },
    "own-new": {
        "pandas": "Categorical",
        "pandas.arrays": (
            "ArrowExtensionArray DatetimeArray IntervalArray PeriodArray StringArray TimedeltaArray"
        ),
        "pandas.core.arrays.arrow.array": "ArrowExtensionArray",
        "pandas.core.arrays.categorical": "Categorical",
        "pandas.core.arrays.datetimes": "DatetimeArray",
        "pandas.core.arrays.interval": "IntervalArray",
        "pandas.core.arrays.period": "PeriodArray",
        "pandas.core.arrays.string_": "StringArray",
        "pandas.core.arrays.timedeltas": "TimedeltaArray",
        "pandas.core.internals.managers": "SingleBlockManager",
    },
    "plain": {
        "pandas": "Interval Period PeriodDtype",
        "pandas._libs.internals": "_unpickle_block",
        "pandas._libs.interval": "Interval",
        "pandas._libs.sparse": "IntIndex",
        "pandas._libs.tslibs.nattype": "__nat_unpickle _nat_unpickle",
        "pandas._libs.tslibs.offsets": (
            "BusinessDay Day Hour Micro Milli Minute MonthBegin MonthEnd Nano QuarterBegin "
            "QuarterEnd Second Week YearBegin YearEnd"
        ),
        "pandas._libs.tslibs.period": "Period",
        "pandas._libs.tslibs.timedeltas": "_timedelta_unpickle",
        "pandas._libs.tslibs.timestamps": "_unpickle_timestamp",
        "pandas.core.dtypes.dtypes": "PeriodDtype",
        "pytz": "_UTC",
    },
    "named-zone": {"pytz": "_p"},
    "first-class": {
        "pandas._libs.arrays": "__pyx_unpickle_NDArrayBacked",
        "pandas._libs.interval": "__pyx_unpickle_IntervalMixin",
        "pandas._libs.tslibs.period": "__pyx_unpickle_PeriodMixin",
    },
    "value": {
        "pandas": "NA",
        "pandas._libs.missing": "NA",
    },
    "index-class": {
        "pandas": (
            "CategoricalIndex DatetimeIndex Index IntervalIndex MultiIndex PeriodIndex RangeIndex "
            "TimedeltaIndex"
        ),
        "pandas.core.indexes.base": "Index",
        "pandas.core.indexes.category": "CategoricalIndex",
        "pandas.core.indexes.datetimes": "DatetimeIndex",
        "pandas.core.indexes.interval": "IntervalIndex",
        "pandas.core.indexes.multi": "MultiIndex",
        "pandas.core.indexes.numeric pandas": "Float64Index Int64Index UInt64Index",
        "pandas.core.indexes.period": "PeriodIndex",
        "pandas.core.indexes.range": "RangeIndex",
        "pandas.core.indexes.timedeltas": "TimedeltaIndex",
    },
    "new-index": {
        "pandas.core.indexes.base": "_new_Index",
        "pandas.core.indexes.datetimes": "_new_DatetimeIndex",
        "pandas.core.indexes.interval": "_new_IntervalIndex",
        "pandas.core.indexes.timedeltas": "_new_TimedeltaIndex",
    },
    "native-plain": {
        "pyarrow.lib": (
            "_reconstruct_table _restore_array chunked_array field py_buffer schema type_for_alias"
        ),
    },
    "block": {
        "pandas.core.internals.managers": "BlockManager",
    },
    "string-dtype": {
        "pandas pandas.core.arrays.string_": "StringDtype",
    },
}
