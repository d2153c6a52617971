"""Files that people take away: what all of them share."""
