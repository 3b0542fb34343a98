"""Scrapy spiders: they carry URLs between frontier and fetch and extract nothing."""
