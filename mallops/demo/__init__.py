"""Two invented malls with a year behind them: `manage.py load_demo`.

plan (what is there) -> rhythm, circle, crowd (who pays what, when: pure numpy) -> directory, people, partners, offers
(rows) -> dealings, arrivals, keys, rebates, settling (what people did, on days) -> history (everything through
`mallops.pipeline`, day by day) -> claims, abuse, disputes (beside payments) -> past (of one mall, in order)
-> load (both malls).
"""
