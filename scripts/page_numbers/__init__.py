"""The numbers of README and docs/, each with the record that it comes from.

`page` finds them, `expression` and `evidence` read records, `table` is the committed
table (`results/ledger/documents.csv`), and `proposal` suggests rows for new numbers.
"""
