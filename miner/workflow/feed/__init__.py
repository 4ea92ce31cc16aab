"""`miner feed`: one file a use case; the parts that know no clock and no model are `miner.feed`."""
