"""测评点平板: supervised tablets of test points, paired with one campaign."""
