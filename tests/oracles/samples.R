# The samples, as numbers: schools of California (survey), residents of Copenhagen (MASS), counties of a US election.
data(api); data(election); data(mu284)

schools <- function(frame) data.frame(
  row = seq_len(nrow(frame)), stype = as.integer(frame$stype), wide = as.integer(frame$sch.wide),
  awards = as.integer(frame$awards), dnum = frame$dnum, api99 = frame$api99,
  api00 = frame$api00, meals = frame$meals, ell = frame$ell, students = frame$api.stu, pw = frame$pw)

srs <- cbind(schools(apisrs), fpc = apisrs$fpc)
strat <- cbind(schools(apistrat), fpc = apistrat$fpc)
clus1 <- cbind(schools(apiclus1), fpc = apiclus1$fpc)
clus2 <- cbind(schools(apiclus2), fpc1 = apiclus2$fpc1, fpc2 = as.numeric(apiclus2$fpc2))

# Strata with one district: number 2 of three, the first of three, the last of three, two of four.
place <- match(clus1$dnum, sort(unique(clus1$dnum)))
clus1$mid <- ifelse(place <= 6, 1, ifelse(place == 7, 2, 3)); clus1$mid_merged <- ifelse(clus1$mid == 2, 3, clus1$mid)
clus1$low <- ifelse(place == 1, 1, ifelse(place <= 8, 2, 3)); clus1$low_merged <- ifelse(clus1$low == 1, 2, clus1$low)
clus1$top <- ifelse(place <= 7, 1, ifelse(place <= 14, 2, 3)); clus1$top_merged <- ifelse(clus1$top == 3, 2, clus1$top)
clus1$two <- ifelse(place == 1, 1, ifelse(place == 2, 2, ifelse(place <= 9, 3, 4)))
clus1$two_merged <- ifelse(clus1$two <= 2, 1, clus1$two)

# 1,681 residents, one row each; the population of each type of house is made: 20, 40, 60, 80 times the sample.
homes <- housing[rep(seq_len(nrow(housing)), housing$Freq), ]
type <- as.integer(homes$Type)
residents <- data.frame(
  row = seq_len(nrow(homes)), type = type, sat = as.integer(homes$Sat), infl = as.integer(homes$Infl),
  cont = as.integer(homes$Cont), score = c(0, 60, 100)[as.integer(homes$Sat)],
  pw = c(20, 40, 60, 80)[type], fpc = as.numeric(table(type)[type]) * c(20, 40, 60, 80)[type])

votes <- data.frame(row = seq_len(nrow(election_pps)), bush = election_pps$Bush, kerry = election_pps$Kerry,
  nader = election_pps$Nader, votes = election_pps$votes, precincts = election_pps$TotPrecincts,
  large = ifelse(election_pps$votes > 100000, 1, 2), wt = election_pps$wt)

regions <- data.frame(row = seq_along(mu284$id1), region = mu284$id1, y1 = mu284$y1, n1 = mu284$n1, n2 = mu284$n2,
  w = mu284$n1 / 5 * mu284$n2 / 3, even = mu284$y1 %% 2, one = 1)

samples <- list(srs = srs, strat = strat, clus1 = clus1, clus2 = clus2, residents = residents, votes = votes,
                regions = regions)
