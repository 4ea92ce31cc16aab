"""The review feed: what a nightly job reads, keeps, compares and raises its hand about.

`store` keeps feedback, mentions and the account of every run; `alerts` says what is unusual;
`settings` reads ``feed.toml``. `miner.workflow.feed` puts them to work.
"""
