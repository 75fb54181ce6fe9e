"""How numbers are told."""


def digits(value):
    """Three digits of a rate, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
