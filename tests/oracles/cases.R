# Writes tests/oracles/data/*.csv and tests/oracles/cases.json: what R's survey package finds for given samples.
# Debian: r-base-core r-cran-survey r-cran-mass. Run: nice -n 10 Rscript tests/oracles/cases.R tests/oracles
# Each case is a list (design, calibration, estimator) that the Python tests read and calculate again.
suppressMessages({library(survey); library(MASS)})
out <- commandArgs(trailingOnly = TRUE)[1]
options(survey.lonely.psu = "fail")
source(file.path(out, "samples.R"))
for (name in names(samples)) {
  frame <- samples[[name]]
  stopifnot(!anyNA(frame))
  write.csv(format(frame, digits = 15, trim = TRUE, scientific = FALSE), file.path(out, "data", paste0(name, ".csv")),
            row.names = FALSE, quote = FALSE)
}

col <- function(name) as.formula(paste0("~", name))

design_of <- function(s) {
  d <- s$design
  frame <- samples[[d$data]]
  ids <- if (is.null(d$psu)) ~1 else if (is.null(d$psu_size)) col(d$psu) else as.formula(paste0("~", d$psu, "+row"))
  fpc <- if (is.null(d$population)) NULL else if (is.null(d$psu_size)) col(d$population) else
    as.formula(paste0("~", d$population, "+", d$psu_size))
  strata <- if (is.null(d$strata)) NULL else col(if (is.null(d$merged)) d$strata else d$merged)
  options(survey.lonely.psu = if (identical(d$lonely, "adjust")) "adjust" else "fail")
  svydesign(ids = ids, strata = strata, weights = col(d$weights), fpc = fpc, data = frame, nest = TRUE)
}

population_of <- function(m) {
  frame <- data.frame(as.integer(names(m$totals)), unlist(m$totals))
  names(frame) <- c(m$column, "Freq")
  frame
}

calibrated <- function(d, s) {
  c <- s$calibration
  if (is.null(c)) return(d)
  if (c$method == "poststratify") return(postStratify(d, col(c$margins[[1]]$column), population_of(c$margins[[1]])))
  if (c$method == "rake_function")
    return(rake(d, lapply(c$margins, function(m) col(m$column)), lapply(c$margins, population_of),
                control = list(maxit = 200, epsilon = 1e-10)))
  if (c$method == "rake") {
    terms <- paste0("factor(", sapply(c$margins, function(m) m$column), ")")
    totals <- c(sum(unlist(c$margins[[1]]$totals)), unlist(lapply(c$margins, function(m) unlist(m$totals)[-1])))
    formula <- as.formula(paste("~", paste(terms, collapse = "+")))
    names(totals) <- colnames(model.matrix(formula, d$variables))
    return(calibrate(d, formula, totals, calfun = "raking", epsilon = 1e-13, maxit = 200))
  }
  formula <- as.formula(paste("~", paste(unlist(c$columns), collapse = "+")))
  totals <- c(c$size, unlist(c$totals))
  names(totals) <- colnames(model.matrix(formula, if (inherits(d, "svyrep.design")) d$variables else d$variables))
  calibrate(d, formula, totals, calfun = "linear", epsilon = 1e-13)
}

replicated <- function(d, s) {
  r <- s$replicates
  if (is.null(r)) return(d)
  if (identical(r, "jackknife")) return(as.svrepdesign(d, type = if (is.null(s$design$strata)) "JK1" else "JKn", mse = TRUE))
  set.seed(r$seed)
  b <- as.svrepdesign(d, type = "subbootstrap", replicates = r$count, mse = TRUE)
  write.csv(format(as.matrix(b$repweights), digits = 15, trim = TRUE), file.path(out, "data", paste0(r$file, ".csv")),
            row.names = FALSE, quote = FALSE)
  b
}

estimate <- function(d, s) {
  e <- s$estimator
  if (!is.null(e$domain)) {
    d$variables$inside <- d$variables[[e$domain$column]] == e$domain$value
    if (e$kind == "total") return(svytotal(as.formula(paste0("~I(", e$y, "*inside)")), d))
    d <- subset(d, inside)
  }
  # With rake()'s convention by formula: the total of the residuals on plain margin means, influence by influence.
  if (!is.null(s$residuals)) {
    w <- weights(d)
    y <- d$variables[[e$y]]
    value <- if (e$kind == "total") sum(w * y) else sum(w * y) / sum(w)
    u <- if (e$kind == "total") y else (y - value) / sum(w)
    x <- lapply(s$calibration$margins, function(m) factor(d$variables[[m$column]]))
    d0 <- design_of(s)
    d0$prob <- 1 / w
    d0$variables$r <- resid(lm(u ~ ., data = data.frame(u = u, x)))
    return(list(value = value, se = as.numeric(SE(svytotal(~r, d0)))))
  }
  switch(e$kind,
    total = svytotal(col(e$y), d),
    mean = svymean(col(e$y), d),
    shares = svymean(as.formula(paste0("~factor(", e$y, ")")), d),
    pair = svymean(as.formula(paste0("~", e$y, "+", e$x)), d),
    pair_total = svytotal(as.formula(paste0("~", e$y, "+", e$x)), d),
    ratio = svyratio(col(e$y), col(e$x), d),
    proportion = svymean(as.formula(paste0("~as.numeric(", e$y, "==", e$value, ")")), d))
}

interval <- function(x, d, s, value, se) {
  e <- s$estimator
  df <- if (is.null(e$domain)) degf(d) else {
    d$variables$inside <- d$variables[[e$domain$column]] == e$domain$value
    degf(subset(d, inside))
  }
  if (s$interval == "t") return(list(df = df, ci = as.numeric(confint(x, df = df))))
  if (s$interval == "wilson") {
    w <- weights(d)
    n <- sum(w)^2 / sum(w^2)
    z2 <- qnorm(0.975)^2
    half <- sqrt(z2 * (value * (1 - value) / n + z2 / (4 * n^2)))
    return(list(df = df, ci = (value + z2 / (2 * n) + c(-1, 1) * half) / (1 + z2 / n)))
  }
  formula <- as.formula(paste0("~I(", e$y, "==", e$value, ")"))
  list(df = df, ci = as.numeric(confint(svyciprop(formula, d, method = s$interval, df = df))))
}

run <- function(s) {
  d <- design_of(s)
  d <- calibrated(replicated(d, s), s)
  x <- estimate(d, s)
  s$value <- if (is.list(x) && !is.null(x$value)) x$value else as.numeric(coef(x))
  s$se <- if (is.list(x) && !is.null(x$se)) x$se else as.numeric(SE(x))
  if (startsWith(s$estimator$kind, "pair")) s$covariance <- vcov(x)[1, 2]
  if (!is.null(s$interval)) {
    i <- interval(x, d, s, s$value, s$se)
    s$df <- i$df
    s$ci <- i$ci
  }
  s
}

json <- function(x) {
  if (is.list(x) && !is.null(names(x)))
    return(paste0("{", paste0("\"", names(x), "\": ", sapply(x, json), collapse = ", "), "}"))
  if (is.list(x)) return(paste0("[", paste(sapply(x, json), collapse = ", "), "]"))
  text <- if (is.character(x)) paste0("\"", x, "\"") else sprintf("%.13g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}

source(file.path(out, "list.R"))
done <- lapply(cases, function(s) tryCatch(run(s), error = function(e) stop(s$id, ": ", conditionMessage(e))))
lines <- paste0("    ", sapply(done, json), collapse = ",\n")
writeLines(paste0("{\n  \"made_by\": \"R ", getRversion(), ", survey ", packageVersion("survey"), ", MASS ",
                  packageVersion("MASS"), "\",\n  \"cases\": [\n", lines, "\n  ]\n}"), file.path(out, "cases.json"))
print(table(sapply(done, function(s) s$family)))
