# Cronbach's alpha with its intervals (psych), McDonald's omega of one factor (psych::fa, minres), Little's test
# by an EM algorithm of our own, checked with lavaan's full-information maximum likelihood; reliable change by its formulas.
source("expected.R")
suppressMessages({ library(psych); library(lavaan) })
items <- list(
  # Ordered answers with one common factor of unequal strength.
  scale = local({ set.seed(4); f <- rnorm(120); as.data.frame(sapply(c(.9, .7, .5, .8, .6, .4), function(l) pmin(5, pmax(1, round(3 + l * f + rnorm(120, 0, .7)))))) }),
  anscombe = anscombe[1:4][, c(1, 4)] + 0,
  attitude = attitude[c("complaints", "learning", "raises", "advance")])
items$anscombe$x4 <- items$anscombe$x4 + c(.5, -.5, .25, 1, 0, 2, -1, 0, .75, -2, .1)
alphas <- lapply(items, function(d) {
  a <- suppressWarnings(psych::alpha(d, check.keys = FALSE, warnings = FALSE))
  feldt <- alpha.ci(a$total$raw_alpha, nrow(d), ncol(d))
  list(items = I(as.numeric(as.matrix(d))), count = ncol(d), alpha = a$total$raw_alpha, feldt = I(c(feldt$lower.ci, feldt$upper.ci)),
       se = a$total$ase)
})
omegas <- lapply(items[c("scale", "attitude")], function(d) {
  r <- cor(d)
  f <- fa(r, 1, fm = "minres", n.obs = nrow(d))
  # psych stops at about 1e-5; from there the same least squares to the end.
  objective <- function(l) { e <- r - outer(l, l); sum(e[lower.tri(e)]^2) }
  gradient <- function(l) { e <- r - outer(l, l); diag(e) <- 0; -2 * drop(e %*% l) }
  l <- as.numeric(f$loadings)
  for (i in 1:5) l <- optim(l, objective, gradient, method = "BFGS", control = list(reltol = 1e-18, maxit = 1000))$par
  # omega() itself needs GPArotation even for one factor; its omega total is this.
  list(psych = 1 - sum(f$uniquenesses) / sum(r), omega = 1 - sum(1 - l^2) / sum(r), loadings = I(l * sign(sum(l))), residual = objective(l))
})

em <- function(y) {
  y <- as.matrix(y)
  y <- y[rowSums(!is.na(y)) > 0, , drop = FALSE]
  n <- nrow(y)
  mu <- colMeans(y, na.rm = TRUE)
  sigma <- diag(apply(y, 2, var, na.rm = TRUE))
  for (step in 1:100000) {
    s1 <- 0 * mu
    s2 <- 0 * sigma
    for (i in 1:n) {
      o <- !is.na(y[i, ])
      e <- y[i, ]
      v <- 0 * sigma
      if (any(!o)) {
        b <- sigma[!o, o, drop = FALSE] %*% solve(sigma[o, o])
        e[!o] <- mu[!o] + b %*% (y[i, o] - mu[o])
        v[!o, !o] <- sigma[!o, !o] - b %*% sigma[o, !o]
      }
      s1 <- s1 + e
      s2 <- s2 + tcrossprod(e) + v
    }
    new_mu <- s1 / n
    new_sigma <- s2 / n - tcrossprod(new_mu)
    done <- max(abs(new_mu - mu) / sqrt(diag(sigma)), abs(new_sigma - sigma) / sqrt(diag(sigma) %o% diag(sigma))) < 1e-13
    mu <- new_mu
    sigma <- new_sigma
    if (done) break
  }
  stopifnot(step < 100000)
  list(mu = mu, sigma = sigma, y = y)
}
little <- function(y) {
  fit <- em(y)
  pattern <- apply(is.na(fit$y) + 0, 1, paste, collapse = "")
  d2 <- 0
  df <- -ncol(y)
  for (p in unique(pattern)) {
    rows <- fit$y[pattern == p, , drop = FALSE]
    o <- !is.na(rows[1, ])
    d <- colMeans(rows[, o, drop = FALSE]) - fit$mu[o]
    d2 <- d2 + nrow(rows) * drop(d %*% solve(fit$sigma[o, o], d))
    df <- df + sum(o)
  }
  # The same means and covariances by another program.
  names(y) <- paste0("v", seq_along(y))
  cov <- suppressWarnings(lavCor(y, missing = "ml", output = "cov"))
  stopifnot(max(abs(unclass(cov) - fit$sigma)) < 1e-4 * max(diag(fit$sigma)))
  n <- nrow(fit$y)
  list(statistic = d2, unbiased = d2 * (n - 1) / n, df = df, p = pchisq(d2, df, lower.tail = FALSE), patterns = length(unique(pattern)),
       rows = n, means = I(as.numeric(fit$mu)), covariance = I(as.numeric(fit$sigma)))
}
trial <- local({
  set.seed(33)
  n <- 90
  s <- rnorm(n)
  d <- data.frame(t0 = 20 + 4 * s + rnorm(n, 0, 2), t1 = 17 + 4 * s + rnorm(n, 0, 3), t2 = 15 + 3 * s + rnorm(n, 0, 3), t3 = 14 + 3 * s + rnorm(n, 0, 3))
  d <- round(d, 2)
  for (j in 2:4) d[plogis(-3 + .5 * j + .12 * (d$t0 - 20)) > runif(n), j] <- NA
  d$t0[c(5, 50)] <- NA
  d[77, ] <- NA
  d
})
write_data("mcar_trial", trial)
airq <- airquality[1:4]
write_data("mcar_airquality", airq)
btheb <- read.csv("../data/btheb.csv")[c("bdi_pre", "bdi_2m", "bdi_3m", "bdi_5m", "bdi_8m")]
tests <- list(mcar_trial = little(trial), mcar_airquality = little(airq), btheb = little(btheb))

rci <- list(sd = 7.5, reliability = .8, before = I(c(30, 30, 30, 18, 22)), after = I(c(12, 25, 40, 9, 16)))
rci$index <- I((rci$after - rci$before) / sqrt(2 * (7.5 * sqrt(1 - .8))^2))
# Jacobson & Truax (1991), p. 13-16: marital satisfaction, M0 = 114.7 (23), M1 = 40 (20) are of our own make here.
rci$cut_offs <- I(c(a = 28 - 2 * 7.5, b = 9 + 2 * 6, c = (6 * 28 + 7.5 * 9) / (6 + 7.5)))
write_expected("reliability", "psych", "alpha, alpha.ci, fa(1, fm = 'minres'); EM by hand against lavaan::lavCor(missing = 'ml')",
               list(alpha = alphas, omega = omegas, mcar = tests, change = rci), relative = 1e-10, of = list(
  "omega" = list(relative = 1e-7, reason = "BFGS in R ends at gradients of 1e-9"),
  "omega.scale.psych" = list(relative = 1e-4, reason = "psych's minres ends at about 1e-5"),
  "omega.attitude.psych" = list(relative = 1e-4, reason = "psych's minres ends at about 1e-5"),
  "mcar" = list(relative = 1e-8, absolute = 1e-9, reason = "two EM algorithms, both run until 1e-12 or less")))
