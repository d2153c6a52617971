"""Two invented malls with about half a year behind them: `manage.py load_demo`.

plan (what is there) -> rhythm, crowd (who pays what, when: pure numpy) -> directory, people, offers (rows)
-> history (everything through `mallops.pipeline`, day by day) -> load (in order, all of it or nothing).
"""
