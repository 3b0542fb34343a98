"""`python -m umecrawl`: the same as the console script."""

from umecrawl.cli import main

if __name__ == "__main__":
    main()
