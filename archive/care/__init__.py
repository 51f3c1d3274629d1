"""Keeping what is sealed whole: checking, copies on other disks, and mending from them."""
