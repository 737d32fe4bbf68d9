# Multivariate t probabilities: Dunnett's by nested one-dimensional integrals, others by mvtnorm.
source("expected.R")
suppressMessages(library(mvtnorm))
set.seed(20260)

# P(max |T| <= c) for correlations l[i] l[j].
product <- function(c, l, df) {
  tau <- sqrt(1 - l^2)
  given <- Vectorize(function(w) {
    f <- function(z) dnorm(z) * vapply(z, function(z) prod(pnorm((w - l * z) / tau) - pnorm((-w - l * z) / tau)), 0)
    2 * integrate(f, 0, 10, rel.tol = 1e-11, subdivisions = 2000)$value
  })
  if (is.infinite(df)) return(given(c))
  # The density of the estimated standard deviation.
  density <- function(s) exp(log(2) + df / 2 * log(df / 2) - lgamma(df / 2) + (df - 1) * log(s) - df * s^2 / 2)
  top <- sqrt(qchisq(1e-18, df, lower.tail = FALSE) / df)
  parts <- seq(0, top, length.out = 5)
  sum(vapply(1:4, function(i) integrate(function(s) density(s) * given(c * s), parts[i], parts[i + 1], rel.tol = 1e-9, abs.tol = 1e-11)$value, 0))
}
loadings <- list(equal = sqrt(c(.5, .5, .5)), balanced7 = sqrt(rep(.5, 7)), unequal = sqrt(c(10, 20, 5, 40) / (c(10, 20, 5, 40) + 15)),
                 signs = c(.6, -.3, .8, -.9), strong = c(.9, .95, .99), independent = c(0, 0, 0, 0))
dunnett <- lapply(loadings, function(l) {
  g <- expand.grid(c = c(0.5, 2.2, 4), df = c(3, 25, Inf), KEEP.OUT.ATTRS = FALSE)
  c(list(loadings = I(l)), as.list(g), list(lower = mapply(function(c, df) product(c, l, df), g$c, g$df)))
})

# General matrices, singular ones too, as row after row.
pairwise <- function(v) {
  k <- length(v)
  rows <- t(combn(k, 2, function(p) replace(replace(numeric(k), p[1], 1), p[2], -1)))
  cov2cor(rows %*% diag(v) %*% t(rows))
}
random <- function(k) { a <- matrix(rnorm(k * (k + 1)), k); cov2cor(a %*% t(a)) }
matrices <- list(pair = matrix(c(1, .3, .3, 1), 2), three = random(3), five = random(5), pairs3 = pairwise(c(1, .4, 2.5)), pairs4 = pairwise(c(1, .4, 2.5, .7)), pairs5 = pairwise(1 / c(12, 9, 30, 4, 18)))
general <- lapply(matrices, function(r) {
  g <- expand.grid(c = c(1.3, 2.6), df = c(4, 0), KEEP.OUT.ATTRS = FALSE)
  rule <- GenzBretz(maxpts = 2e6, abseps = 2e-6, releps = 0)
  k <- nrow(r)
  lower <- mapply(function(c, df) as.numeric(pmvt(rep(-c, k), rep(c, k), df = df, corr = r, algorithm = rule)), g$c, g$df)
  low <- seq(-2, .5, length.out = k)
  high <- low + seq(1, 3, length.out = k)
  high[1] <- Inf
  low[k] <- -Inf
  box <- vapply(c(4, 0), function(df) as.numeric(pmvt(low, high, df = df, corr = r, algorithm = rule)), 0)
  message(paste(format(attr(pmvt(rep(-g$c[2], k), rep(g$c[2], k), df = 4, corr = r, algorithm = rule), 'error'))))
  g$df[g$df == 0] <- Inf
  c(list(matrix = I(as.numeric(r))), as.list(g), list(lower = lower, low = I(low), high = I(high), box_df = c(4, Inf), box = box))
})
# multcomp's single-step adjustment takes the same probabilities.
suppressMessages(library(multcomp))
fit <- glht(lm(weight ~ group, PlantGrowth), mcp(group = "Dunnett"))
s <- summary(fit)
ci <- confint(fit)
plants <- list(t = I(as.numeric(s$test$tstat)), p = I(as.numeric(s$test$pvalues)), df = 27, critical = as.numeric(attr(ci$confint, "calpha")),
               covariance = I(as.numeric(vcov(fit))))
write_expected("multivariate_t", "mvtnorm", "nested integrate(); pmvt(algorithm = GenzBretz(2e6, 2e-6)); glht(mcp(group = 'Dunnett'))",
               list(dunnett = dunnett, general = general, plants = plants), relative = 0, absolute = 1e-9, of = list(
  dunnett = list(absolute = 1e-9, reason = "integrate() within integrate() is right to about 1e-10"),
  general = list(absolute = 4e-5, reason = "both sides are lattice rules: pmvt stops at 2e6 points with errors up to 3e-5, ours at 786,252"),
  "plants.p" = list(absolute = 1e-4, reason = "mvtnorm's default error is 1e-3, met to about 1e-5"),
  "plants.critical" = list(absolute = 1e-3, reason = "qmvt searches among random lattice rules")))
