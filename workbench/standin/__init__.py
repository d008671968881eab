"""Stand-in data: a table of made-up rows that code runs on as it does on the real one.

============ ===================================================================================
making       ``synthetic``: the levels schema, marginals, copula and dp
tables       DataFrames, dicts and structured arrays, taken apart into columns and put together
columns      what a column is, and what of it may be used
domains      which values a column may have, where a budget is spent
schema       columns out of thin air
marginal     the distribution of one column, blurred
normal       the normal distribution, as a table
copula       how columns hang together
private      counts with noise: differential privacy
noise        discrete Laplace noise, exactly, from a secret seed
copies       made-up rows that are somebody's
closeness    how near made-up rows are to real ones, and how alike their columns
============ ===================================================================================
"""
