"""Is this record good? One answer for the page, the API, the bundle and the command line.

No database, no framework, no network: bytes in, a verdict with its evidence out (RECORDS.md §4 is
the order of the checks). `verify.verify` is the way in for one record,
`verify.Examiner` for many.
"""
