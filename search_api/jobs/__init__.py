"""Jobs: lists too long for one answer, worked off by whichever server is free, killed or not."""
