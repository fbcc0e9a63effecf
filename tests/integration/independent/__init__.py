"""A second computation of what the product computes, from the files and databases as the sources wrote them.

Written in Python and polars and sharing nothing with the product: neither its SQL nor its readers, contracts or
rules. The one thing taken from the product is which billing records it holds for one customer; how good that is, is
measured apart.
"""
