"""`python -m actionmail.cli`, for where the script `actionmail` is not on the path."""

from actionmail.cli import main

main(prog_name="actionmail")
