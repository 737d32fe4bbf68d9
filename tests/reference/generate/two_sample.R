# t-tests, rank tests, and standardised differences of two samples.
source("expected.R")
btheb <- read.csv("../data/btheb.csv")
arm <- function(v, a) { x <- btheb[[v]][btheb$treatment == a]; x[!is.na(x)] }
# A formula that both sides compute alike.
formula_sample <- function(n, a, b) ((seq_len(n) * a) %% b) / 8

set.seed(20261123)
pairs <- list(
  bdi3m = list(arm("bdi_3m", "BtheB"), arm("bdi_3m", "TAU")),
  bdi8m = list(arm("bdi_8m", "BtheB"), arm("bdi_8m", "TAU")),
  normal = list(round(rnorm(12, 10, 2), 6), round(rnorm(9, 12, 5), 6)),
  # With an odd number of differences the middle one is where R's search for the estimate ends.
  apart = list(c(1.1, 2.3, 3.2, 0.4, 9.7), c(21.5, 30.25, 28, 19, 44)),
  skewed = list(round(rexp(49), 8), round(rexp(45) * 1.4, 8)),
  ties = list(c(1, 2, 2, 3, 3, 3, 4, 7, 9), c(2, 3, 3, 4, 5, 5, 5, 8, 8, 10, 11)),
  smallest = list(c(1, 4), c(2, 9)),
  offset = list(1e6 + c(0.1, 0.35, 0.2, 0.7), 1e6 + c(0.4, 0.9, 1.1, 0.6, 0.85)),
  large = list(formula_sample(1500, 7919, 10007), formula_sample(1200, 104729, 10009)))

t_values <- function(t) list(
  estimate = if (length(t$estimate) == 2) t$estimate[[1]] - t$estimate[[2]] else t$estimate[[1]], std_error = unname(t$stderr), df = unname(t$parameter), statistic = unname(t$statistic),
  p = t$p.value, interval = as.vector(t$conf.int))
rank_values <- function(x, y, exact, correct) {
  w <- suppressWarnings(wilcox.test(x, y, exact = exact, correct = correct, conf.int = TRUE, tol.root = 1e-13))
  list(statistic = unname(w$statistic), p = w$p.value, interval = as.vector(w$conf.int),
       estimate = median(outer(x, y, "-")))
}
signed_values <- function(d, exact, correct) {
  w <- suppressWarnings(wilcox.test(d, exact = exact, correct = correct, conf.int = TRUE, tol.root = 1e-13))
  d <- d[d != 0]
  means <- outer(d, d, "+") / 2
  list(statistic = unname(w$statistic), p = w$p.value, interval = as.vector(w$conf.int),
       estimate = median(means[!lower.tri(means)]))
}
smd <- function(x, y) (mean(x) - mean(y)) / sqrt((var(x) + var(y)) / 2)
cohen <- function(x, y) {
  f <- length(x) + length(y) - 2
  (mean(x) - mean(y)) / sqrt((var(x) * (length(x) - 1) + var(y) * (length(y) - 1)) / f)
}
hedges <- function(x, y) {
  f <- length(x) + length(y) - 2
  cohen(x, y) * exp(lgamma(f / 2) - lgamma((f - 1) / 2)) / sqrt(f / 2)
}

values <- list(data = list())
for (name in names(pairs)) {
  x <- pairs[[name]][[1]]; y <- pairs[[name]][[2]]
  k <- min(length(x), length(y))
  d <- x[1:k] - y[1:k]
  if (!grepl("bdi|large", name)) values$data[[name]] <- list(x = x, y = y)
  ties <- anyDuplicated(c(x, y)) > 0
  tidy <- anyDuplicated(abs(d)) == 0 && all(d != 0)
  case <- list(
    student = t_values(t.test(x, y, var.equal = TRUE)),
    welch = t_values(t.test(x, y, conf.level = 0.9)),
    paired = t_values(t.test(x[1:k], y[1:k], paired = TRUE, conf.level = 0.99)),
    one_sample = t_values(t.test(x, mu = 2)),
    effect = list(smd = smd(x, y), cohen = cohen(x, y), hedges = hedges(x, y)))
  if (name != "smallest") {
    case$rank_normal <- rank_values(x, y, FALSE, TRUE)
    case$rank_plain <- rank_values(x, y, FALSE, FALSE)
    if (!ties) case$rank_exact <- rank_values(x, y, TRUE, TRUE)
    if (k > 5) {
      case$signed_normal <- signed_values(d, FALSE, TRUE)
      case$signed_plain <- signed_values(d, FALSE, FALSE)
    }
    if (k > 5 && tidy && k < 50) case$signed_exact <- signed_values(d, TRUE, TRUE)
  }
  values[[name]] <- case
}
searched <- list()
for (name in setdiff(names(pairs), "offset")) for (test in grep("_(normal|plain)$", names(values[[name]]), value = TRUE))
  searched[[paste(name, test, "interval", sep = ".")]] <-
    list(relative = 1e-11, absolute = 1e-12, reason = "R searches for the limits by uniroot, here to 1e-13")
rounding <- "differences of values near 1e6: their rounding is 1e-10 of them"
write_expected("two_sample", "stats", "t.test, wilcox.test(conf.int = TRUE, tol.root = 1e-13); standardised differences by their formulas",
               values, relative = 1e-11, of = c(searched, list(
  offset = list(relative = 1e-7, reason = rounding))))
