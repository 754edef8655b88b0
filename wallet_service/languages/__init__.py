"""The languages of every face: what catalogues there are, and how each writes numbers, days and plurals."""
