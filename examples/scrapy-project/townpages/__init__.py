"""A Scrapy project as `scrapy startproject` makes it, with three lines more."""
