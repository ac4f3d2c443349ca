"""纸质问卷双人录入: paper sheets typed twice by clerks who do not see each other's entry."""
