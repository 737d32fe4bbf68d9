# Table 1 of Beat the Blues: summaries by arm, and standardised mean differences after Yang and Dalton (2012).
# Run after summary.R, which writes data/btheb.csv.
source("expected.R")
btheb <- read.csv(file.path("..", "data", "btheb.csv"), stringsAsFactors = FALSE)

describe <- function(x, type) {
  q <- unname(quantile(x, c(0.25, 0.5, 0.75), type = type))
  list(N = length(x), mean = mean(x), sd = sd(x), min = min(x), max = max(x), p25 = q[1], median = q[2], p75 = q[3])
}
share <- function(x) {
  n <- table(x)
  list(n = I(as.vector(n)), p = I(as.vector(n) / length(x)))
}
smd_number <- function(x, y) abs(mean(x) - mean(y)) / sqrt((var(x) + var(y)) / 2)
smd_category <- function(x, y) {
  levels <- sort(unique(c(x, y)))
  p <- sapply(levels[-1], function(l) mean(x == l))
  q <- sapply(levels[-1], function(l) mean(y == l))
  s <- function(p) diag(p, length(p)) - outer(p, p)
  S <- (s(p) + s(q)) / 2
  sqrt(drop(t(p - q) %*% solve(S) %*% (p - q)))
}
arm <- btheb$treatment
# A category of four levels from what the data have.
btheb$both <- paste(btheb$drug, btheb$length)
values <- list(type7 = list(), type2 = list(), drug = list(), length = list(), both = list(), smd = list())
for (a in c("TAU", "BtheB", "overall")) {
  these <- if (a == "overall") rep(TRUE, nrow(btheb)) else arm == a
  values$type7[[a]] <- describe(btheb$bdi_pre[these], 7)
  values$type2[[a]] <- describe(btheb$bdi_pre[these], 2)
  values$present[[a]] <- list(N = sum(!is.na(btheb$bdi_2m[these])), N_miss = sum(is.na(btheb$bdi_2m[these])),
                              mean = mean(btheb$bdi_2m[these], na.rm = TRUE))
  for (v in c("drug", "length", "both")) values[[v]][[a]] <- share(btheb[[v]][these])
}
first <- arm == "TAU"
values$smd <- list(bdi_pre = smd_number(btheb$bdi_pre[first], btheb$bdi_pre[!first]),
                   drug = smd_category(btheb$drug[first], btheb$drug[!first]),
                   length = smd_category(btheb$length[first], btheb$length[!first]),
                   both = smd_category(btheb$both[first], btheb$both[!first]))
write_expected("table1_btheb", "stats", "mean, sd, quantile(type = 7, 2), table; SMD by its formula", values,
               relative = 1e-10)
