"""评议活动: one questionnaire for one kind of rater, its strata, opening and closing."""
