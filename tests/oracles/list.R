# The list of cases. Population figures are sums over all 6,194 schools.
cases <- list()
add <- function(family, design, estimator, ...) {
  id <- paste0(family, "-", sprintf("%02d", 1 + sum(vapply(cases, function(s) s$family == family, TRUE))))
  cases[[length(cases) + 1]] <<- c(list(id = id, family = family, design = design, estimator = estimator), list(...))
}
est <- function(kind, y, ...) list(kind = kind, y = y, ...)
dom <- function(column, value) list(column = column, value = value)

plain <- list(
  srs = list(data = "srs", weights = "pw"),
  strat = list(data = "strat", weights = "pw", strata = "stype"),
  clus1 = list(data = "clus1", weights = "pw", psu = "dnum"),
  clus2 = list(data = "clus2", weights = "pw", psu = "dnum"),
  residents = list(data = "residents", weights = "pw", strata = "type"),
  votes = list(data = "votes", weights = "wt"))
finite <- list(
  srs = c(plain$srs, population = "fpc"), strat = c(plain$strat, population = "fpc"),
  clus1 = c(plain$clus1, population = "fpc"), residents = c(plain$residents, population = "fpc"))
stages <- list(
  clus2 = c(plain$clus2, population = "fpc1", psu_size = "fpc2"),
  regions = list(data = "regions", weights = "w", psu = "region", population = "n1", psu_size = "n2"))

stype <- list(column = "stype", totals = list(`1` = 4421, `2` = 755, `3` = 1018))
awards <- list(column = "awards", totals = list(`1` = 2027, `2` = 4167))
wide <- list(column = "wide", totals = list(`1` = 1072, `2` = 5122))
sets <- list(list(stype, awards), list(stype, wide), list(stype, awards, wide))
post <- function(m) list(method = "poststratify", margins = list(m))
raking <- function(margins, method = "rake") list(method = method, margins = margins)
greg <- function(columns, totals) list(method = "linear", columns = as.list(columns), size = 6194, totals = as.list(totals))
g1 <- greg("api99", 3914069)
g2 <- greg(c("api99", "meals"), c(3914069, 297533))
g3 <- greg(c("meals", "ell"), c(297533, 141685))

for (d in plain[1:4]) for (y in c("api00", "students", "meals")) add("total", d, est("total", y))
for (y in c("bush", "kerry", "precincts")) add("total", plain$votes, est("total", y))
for (d in plain[1:4]) for (y in c("api00", "students", "ell")) add("mean", d, est("mean", y))
add("mean", plain$residents, est("mean", "score"))
add("mean", plain$residents, est("shares", "sat"))
add("mean", plain$votes, est("mean", "kerry"))
for (d in plain[1:4]) for (p in list(c("api00", "api99"), c("meals", "students"), c("ell", "meals")))
  add("ratio", d, est("ratio", p[1], x = p[2]))
for (y in c("bush", "kerry", "nader")) add("ratio", plain$votes, est("ratio", y, x = "votes"))
for (d in plain[1:4]) for (v in 1:3) add("domain", d, est("mean", "api00", domain = dom("stype", v)), interval = "t")
for (d in plain[1:4]) add("domain", d, est("total", "students", domain = dom("awards", 2)))
for (v in 1:3) add("domain", plain$residents, est("mean", "score", domain = dom("infl", v)), interval = "t")
add("domain", plain$votes, est("ratio", "kerry", x = "votes", domain = dom("large", 1)))

for (d in finite[1:3]) for (y in c("api00", "students")) {
  add("fpc", d, est("mean", y)); add("fpc", d, est("total", y))
}
for (d in finite[1:3]) add("fpc", d, est("ratio", "api00", x = "api99"))
add("fpc", finite$residents, est("mean", "score")); add("fpc", finite$residents, est("shares", "sat"))

for (y in c("api00", "students", "meals")) {
  add("two-stage", stages$clus2, est("mean", y)); add("two-stage", stages$clus2, est("total", y))
}
for (v in 1:2) add("two-stage", stages$clus2, est("mean", "api00", domain = dom("awards", v)), interval = "t")
add("two-stage", stages$clus2, est("ratio", "api00", x = "api99"))
add("two-stage", stages$clus2, est("mean", "api00"), calibration = post(stype))
add("two-stage", stages$clus2, est("mean", "api00"), calibration = g1)
add("two-stage", stages$clus2, est("total", "students"), calibration = g3)
for (k in c("mean", "total")) add("two-stage", stages$regions, est(k, "y1"))
add("two-stage", stages$regions, est("mean", "y1", domain = dom("even", 1)))

for (s in c("mid", "low", "top", "two")) {
  d <- list(data = "clus1", weights = "pw", psu = "dnum", strata = s)
  joined <- c(d, merged = paste0(s, "_merged"), lonely = "collapse")
  for (y in c("api00", "students")) {
    add("lonely", joined, est("mean", y)); add("lonely", c(d, lonely = "adjust"), est("mean", y))
  }
  add("lonely", joined, est("total", "api00")); add("lonely", c(d, lonely = "adjust"), est("total", "api00"))
}

for (d in plain[c("strat", "clus1", "clus2")]) for (m in sets) {
  add("raking", d, est("mean", "api00"), calibration = raking(m), rule = "weighted")
  add("raking", d, est("total", "students"), calibration = raking(m), rule = "weighted")
}
for (d in plain[c("clus1", "clus2")]) for (m in sets) for (k in c("mean", "total"))
  add("raking", d, est(k, "api00"), calibration = raking(m), rule = "margin_means", residuals = "margin_means")
for (d in plain[c("strat", "clus1", "clus2")]) for (m in sets[1:2])
  add("raking", d, est("mean", "api00"), calibration = raking(m, "rake_function"), rule = "margin_means", loose = 1)
add("raking", finite$strat, est("mean", "api00"), calibration = raking(sets[[1]]), rule = "weighted")

for (d in plain[c("srs", "strat", "clus1", "clus2")]) for (g in list(g1, g2, g3))
  add("greg", d, est("mean", "api00"), calibration = g)
for (d in plain[c("srs", "strat", "clus1", "clus2")]) add("greg", d, est("total", "students"), calibration = g1)
add("greg", finite$strat, est("ratio", "meals", x = "students"), calibration = g2)
add("greg", plain$strat, est("mean", "api00", domain = dom("awards", 2)), calibration = g1)
for (d in plain[c("srs", "clus1", "clus2")]) for (y in c("api00", "students"))
  add("post-stratified", d, est("mean", y), calibration = post(stype))
for (d in plain[c("srs", "strat", "clus1", "clus2")]) add("post-stratified", d, est("total", "students"), calibration = post(awards))
for (d in plain[c("srs", "clus1")]) add("post-stratified", d, est("ratio", "api00", x = "api99"), calibration = post(wide))

for (d in c(plain[c("strat", "clus1", "clus2")], finite["clus1"])) {
  for (y in c("api00", "students")) add("replicate", d, est("mean", y), replicates = "jackknife")
  add("replicate", d, est("ratio", "meals", x = "students"), replicates = "jackknife")
}
for (d in plain[c("clus1", "clus2")]) for (m in sets[1:2])
  add("replicate", d, est("mean", "api00"), calibration = raking(m, "rake_function"), replicates = "jackknife")
for (d in plain[c("clus1", "clus2")]) add("replicate", d, est("mean", "api00"), calibration = g1, replicates = "jackknife")
for (b in list(list("clus1", "boot_clus1"), list("strat", "boot_strat")))
  for (y in c("api00", "meals"))
    add("bootstrap", plain[[b[[1]]]], est("mean", y), replicates = list(seed = 5, count = 25, file = b[[2]]))

for (d in plain[c("srs", "strat", "clus1", "clus2")]) for (y in c("api00", "students"))
  add("t-interval", d, est("mean", y), interval = "t")
for (d in finite[1:3]) add("t-interval", d, est("total", "students"), interval = "t")
add("t-interval", stages$regions, est("mean", "y1"), interval = "t")
add("t-interval", plain$residents, est("mean", "score"), interval = "t")
add("t-interval", plain$votes, est("ratio", "kerry", x = "votes"), interval = "t")

for (d in plain[c("srs", "strat", "clus1", "clus2")]) for (how in c("logit", "beta", "wilson"))
  add("proportion", d, est("proportion", "awards", value = 2), interval = how)
for (v in 1:3) for (how in c("logit", "beta", "wilson"))
  add("proportion", plain$residents, est("proportion", "sat", value = v), interval = how)
add("proportion", plain$clus2, est("proportion", "wide", value = 1), interval = "logit")

for (d in c(plain[1:4], finite["strat"], stages["clus2"])) add("covariance", d, est("pair", "api00", x = "meals"))
for (d in plain[c("strat", "clus2")]) {
  add("covariance", d, est("pair", "api00", x = "meals"), calibration = g1)
  add("covariance", d, est("pair_total", "students", x = "meals"), calibration = post(awards))
  add("covariance", d, est("pair", "api00", x = "ell"), calibration = raking(sets[[1]]), rule = "weighted")
}
