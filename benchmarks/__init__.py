"""What is measured, in full with ``make bench`` and once, tiny and untimed, in the tests."""
