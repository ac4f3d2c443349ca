"""拉票举报: anybody reports vote-buying or canvassing, without a name."""
