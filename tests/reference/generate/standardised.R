# The noncentral t distribution by one integral in both tails, and exact intervals of standardised differences by
# uniroot over pt(ncp =).
source("expected.R")
tail_at <- function(t, df, delta, lower) {
  part <- function(s) pnorm(t * s - delta, lower.tail = lower)
  if (is.infinite(df)) return(part(1))
  f <- function(u) exp(log(2) + df / 2 * log(df / 2) - lgamma(df / 2) + df * u - df / 2 * exp(2 * u)) * part(exp(u))
  grid <- seq(-40 / df - 3, log(1 + 50 / sqrt(df)) + .1, length.out = 12001)
  # The trapezoidal rule for analytic integrands, with a step that is fixed here and fitted in the program.
  sum(f(grid)) * diff(grid)[1]
}
g <- expand.grid(t = c(-4, -0.5, 0, 1.2, 3, 9, 30), df = c(2, 5.5, 20, 150), delta = c(-3, 0, 0.7, 2.5, 8, 30), KEEP.OUT.ATTRS = FALSE)
g$lower <- mapply(tail_at, g$t, g$df, g$delta, TRUE)
g$upper <- mapply(tail_at, g$t, g$df, g$delta, FALSE)
g <- g[g$lower > 1e-200 & g$upper > 1e-200, ]
r <- expand.grid(t = c(-2, 0.3, 1.5, 4, 12), df = c(3, 17, 90), delta = c(-1, 0.5, 3, 10), KEEP.OUT.ATTRS = FALSE)
r$lower <- pt(r$t, r$df, r$delta)
q <- expand.grid(p = c(0.01, 0.2, 0.5, 0.9, 0.999), df = c(3, 17, 90), delta = c(-1, 0.5, 3), KEEP.OUT.ATTRS = FALSE)
q$t <- qt(q$p, q$df, q$delta)

limits <- function(t, df, level = .95) {
  find <- function(p) uniroot(function(d) pt(t, df, d) - p, c(t - 8, t + 8), tol = 1e-13)$root
  c(find(1 - (1 - level) / 2), find((1 - level) / 2))
}
J <- function(f) exp(lgamma(f / 2) - lgamma((f - 1) / 2)) / sqrt(f / 2)
size <- function(d, unit, df) { l <- limits(d / unit, df) * unit; list(d = d, g = d * J(df), low = l[1], high = l[2]) }
two <- function(x, y) {
  df <- length(x) + length(y) - 2
  d <- (mean(x) - mean(y)) / sqrt(((length(x) - 1) * var(x) + (length(y) - 1) * var(y)) / df)
  size(d, sqrt(1 / length(x) + 1 / length(y)), df)
}
pair <- function(before, after) {
  d <- after - before
  n <- length(d)
  av <- sqrt((var(before) + var(after)) / 2)
  list(before = I(before), after = I(after), z = size(mean(d) / sd(d), 1 / sqrt(n), n - 1), av = size(mean(d) / av, sd(d) / sqrt(n) / av, n - 1))
}
groups <- list(sleep = split(sleep$extra, sleep$group), plants = split(PlantGrowth$weight, PlantGrowth$group)[c(2, 1)])
values <- list(both = as.list(g), r = as.list(r), quantile = as.list(q),
  independent = lapply(groups, function(s) c(list(x = I(s[[1]]), y = I(s[[2]])), two(s[[1]], s[[2]]))),
  paired = list(sleep = pair(sleep$extra[1:10], sleep$extra[11:20]), anorexia = pair(MASS::anorexia$Prewt, MASS::anorexia$Postwt)))
write_expected("standardised", "stats", "pt(ncp =), qt(ncp =), uniroot; the trapezoidal rule", values, relative = 1e-9, of = list(
  both = list(relative = 1e-11, reason = "logarithms of gamma functions in R"),
  r = list(absolute = 1e-11, reason = "R promises about 1e-12 absolute"),
  quantile = list(relative = 1e-7, absolute = 1e-8, reason = "R searches by halves to 1e-13 in probability")))
