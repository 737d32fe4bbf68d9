# Intervals of means and proportions, and of what compares two proportions; standardised differences of categories.
source("expected.R")
library(MASS)
grid <- expand.grid(n = c(1, 2, 7, 10, 29, 148, 2000, 100000), share = c(0, 0.05, 0.3, 0.5, 0.93, 1), level = c(0.9, 0.95, 0.999))
grid$x <- round(grid$n * grid$share)
wilson <- function(x, n, level) prop.test(x, n, conf.level = level, correct = FALSE)$conf.int
exact <- function(x, n, level) binom.test(x, n, conf.level = level)$conf.int
both <- function(f) suppressWarnings(mapply(function(x, n, l) f(x, n, l), grid$x, grid$n, grid$level))
w <- both(wilson); e <- both(exact)
values <- list(single = list(x = grid$x, n = grid$n, level = grid$level, wilson_low = w[1, ], wilson_high = w[2, ],
                             exact_low = e[1, ], exact_high = e[2, ]))
pairs <- data.frame(
  x = c(56, 9, 6, 5, 0, 0, 10, 10, 30122, 1, 12, 3), n = c(70, 10, 7, 56, 10, 10, 10, 10, 50000, 100000, 100, 3),
  y = c(48, 3, 2, 0, 0, 0, 0, 0, 29511, 12, 25, 1), m = c(80, 10, 7, 29, 20, 10, 20, 10, 50000, 100000, 90, 4))
newcombe <- function(x, n, y, m) {
  p <- x / n; q <- y / m
  a <- suppressWarnings(wilson(x, n, 0.95)); b <- suppressWarnings(wilson(y, m, 0.95))
  c(p - q, p - q - sqrt((p - a[1])^2 + (b[2] - q)^2), p - q + sqrt((a[2] - p)^2 + (q - b[1])^2))
}
d <- with(pairs, mapply(newcombe, x, n, y, m))
values$pairs <- c(as.list(pairs), list(difference = d[1, ], low = d[2, ], high = d[3, ]))
ratio <- function(x, n, y, m) {
  z <- qnorm(0.975)
  relative <- log((x / n) / (y / m)) + c(0, -z, z) * sqrt(1 / x - 1 / n + 1 / y - 1 / m)
  odds <- log((x / (n - x)) / (y / (m - y))) + c(0, -z, z) * sqrt(1 / x + 1 / (n - x) + 1 / y + 1 / (m - y))
  c(exp(relative), exp(odds))
}
some <- pairs[pairs$x > 0 & pairs$y > 0 & pairs$x < pairs$n & pairs$y < pairs$m, ]
r <- with(some, mapply(ratio, x, n, y, m))
values$ratios <- c(as.list(some), list(risk = r[1, ], risk_low = r[2, ], risk_high = r[3, ],
                                       odds = r[4, ], odds_low = r[5, ], odds_high = r[6, ]))
values$smd <- list(binary = with(some, (x / n - y / m) / sqrt((x / n * (1 - x / n) + y / m * (1 - y / m)) / 2)))
# Yang and Dalton (2012), with the generalised inverse as tableone has it.
categorical <- function(a, b) {
  p <- a / sum(a); q <- b / sum(b)
  cov <- function(p) { s <- -outer(p, p); diag(s) <- p * (1 - p); s }
  s <- (cov(p) + cov(q))[-1, -1, drop = FALSE] / 2
  t <- (p - q)[-1]
  c(sqrt(t %*% ginv(s) %*% t))
}
counts <- list(three = list(c(10, 20, 30), c(15, 15, 25)), two = list(c(12, 88), c(25, 65)), five = list(c(1, 2, 3, 40, 5), c(9, 3, 0, 22, 11)),
               absent = list(c(5, 0, 9, 4), c(7, 0, 3, 3)), chained = list(c(5, 6, 0), c(0, 3, 8)), equal = list(c(3, 6, 9), c(1, 2, 3)),
               large = list(c(40000, 35000, 25000), c(39000, 36500, 24500)))
values$categorical <- lapply(counts, function(c) list(a = c[[1]], b = c[[2]], smd = categorical(c[[1]], c[[2]])))
btheb <- read.csv("../data/btheb.csv")
mean_of <- function(x, level) { t <- t.test(x, conf.level = level); c(t$estimate, t$conf.int) }
values$mean <- list(bdi_pre = unname(mean_of(btheb$bdi_pre, 0.95)), bdi_8m = unname(mean_of(na.omit(btheb$bdi_8m), 0.99)), two = unname(mean_of(c(1, 4), 0.95)))
p <- list(mixed = c(0.01, 0.02, 0.03, 0.04, 0.05), ties = c(0.04, 0.01, 0.04, 0.01, 0.9, 0.04), one = I(0.03), two = c(0.5, 0.01), ends = c(0, 1, 0.2, 1e-300),
          missing = c(0.2, NA, 0.01, NA, 0.04, 0.003), close = c(0.049, 0.0495, 0.05, 0.0505), many = (seq_len(60) * 37 %% 61)^2 %% 997 / 1000)
methods <- c("none", "bonferroni", "holm", "hochberg", "hommel", "BH", "BY")
values$adjust <- lapply(p, function(p) c(list(p = p), sapply(methods, function(m) if (length(p) == 1) I(p.adjust(p, m)) else p.adjust(p, m), simplify = FALSE)))
write_expected("proportion", "stats", "prop.test(correct = FALSE), binom.test, t.test, p.adjust; Newcombe, Katz, Woolf, Yang and Dalton by their formulas", values,
               relative = 1e-12, absolute = 1e-15, of = list(
  pairs = list(relative = 1e-11, absolute = 1e-15, reason = "differences of nearly equal proportions"),
  categorical = list(relative = 1e-10, absolute = 1e-12, reason = "the generalised inverse by singular values"),
  single = list(relative = 1e-11, absolute = 1e-16, reason = "qbeta and prop.test are right to that")))
