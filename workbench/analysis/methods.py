"""Methods and functions known by name: which change what they are called on, which never do.

A name says little for certain. Where an object can be looked at, what it was before and after
decides (:mod:`workbench.capture.looks`); these lists are for the rest.
"""

from __future__ import annotations

__all__ = [
    "changes_alone",
    "changes_first",
    "changes_owner",
    "fills",
    "gives_nothing",
    "is_view",
    "leaves_alone",
]

LEARNING = """
fit partial_fit fit_transform fit_predict fit_resample train step backward train_on_batch train_step
fit_generator load_state_dict load_weights load_model set_params set_weights compile build zero_grad
add_module register_module register_buffer register_parameter add_step
"""
COLLECTING = """
append extend insert remove pop popitem popleft appendleft extendleft clear sort reverse add discard
setdefault update difference_update intersection_update symmetric_difference_update __setitem__
__delitem__ __setattr__ resize itemset setflags setfield put put_nowait
"""
SILENT = """
insert remove clear sort reverse add discard update difference_update intersection_update
symmetric_difference_update appendleft extendleft resize itemset setflags setfield
"""  # of those above, what gives nothing back: whoever takes its result has called a namesake
STORING = """
execute executemany executescript register create_table read_file read_string read_dict
isetitem insert_column replace_column setdiag
"""
FILLING = "read load"  # what they read, if nobody takes it, is kept by what they are called on
ANEW = "set_index set_axis set_flags set_sorted"  # of tables, which return another one
FIRST = """
setattr delattr shuffle heappush heappop heapify heapreplace insort insort_left insort_right copyto
fill_diagonal put place putmask at readinto next clip_grad_norm_ clip_grad_value_
"""
# All that an array can have done to it by a method without a trace, but for what is above.
UNSEEN = "byteswap fill partition"
VIEWING = """
ravel reshape view transpose squeeze swapaxes diagonal expand permute unsqueeze narrow numpy
detach get
"""  # what they return is, or can be, a part of what they are called on
LOOKING = """
head tail info describe summary show display print plot hist boxplot scatter bar imshow value_counts
sample nunique unique isna isnull notna memory_usage corr cov count mean sum keys values items get
copy min max std var sem median mode quantile any all idxmin idxmax argmin argmax argsort nonzero
dot round abs astype to_list tolist item groupby agg aggregate pivot_table crosstab glimpse
null_count is_null is_not_null equals isin between duplicated nlargest nsmallest rolling
estimated_size numel norm allclose numpy clone detach reshape ravel transpose squeeze flatten
"""
USING = """
predict predict_proba predict_log_proba decision_function transform score evaluate score_samples
get_params get_booster state_dict parameters named_parameters
"""
WRITING = """
to_csv to_parquet to_pickle to_json to_excel to_feather to_sql to_hdf to_numpy to_frame write_csv
write_parquet write_json save save_model save_pretrained dump savefig export tofile savetxt tobytes
"""
CHANGING = frozenset(f"{LEARNING} {COLLECTING} {STORING}".split())
RETURNING = frozenset(ANEW.split())
KEEPING = frozenset(FILLING.split())
CHANGING_FIRST = frozenset(FIRST.split())
GIVING_NOTHING = frozenset(SILENT.split())
UNTRACED = frozenset(UNSEEN.split())
VIEWS = frozenset(VIEWING.split())
LEAVING = frozenset(f"{LOOKING} {USING} {WRITING}".split())


def changes_owner(method: str) -> bool:
    """Tell whether a method is known to change what it is called on.

    Torch marks such methods with a final underscore (``add_``, ``zero_``).
    """
    if method.startswith("set_"):
        return method not in RETURNING
    return method in CHANGING or (method[-1:] == "_" and method[-2:] != "__")


def changes_alone(method: str) -> bool:
    """Tell whether a method whose result nobody takes is known to change its owner."""
    return method in KEEPING


def gives_nothing(method: str) -> bool:
    """Tell whether a method that changes its owner returns nothing.

    ``rows.sort()`` sorts a list and returns ``None``; ``table.sort("age")`` returns another table.
    """
    return method in GIVING_NOTHING


def fills(method: str) -> bool:
    """Tell whether a method can change an array of NumPy and leave no trace of it."""
    return method in UNTRACED or changes_owner(method)


def is_view(method: str) -> bool:
    """Tell whether changing what a method returns can change what it was called on."""
    return method in VIEWS


def changes_first(function: str) -> bool:
    """Tell whether a function is known to change its first argument."""
    return function in CHANGING_FIRST


def leaves_alone(method: str) -> bool:
    """Tell whether a method is known to leave its object as it was, but for what it remembers."""
    return method in LEAVING
