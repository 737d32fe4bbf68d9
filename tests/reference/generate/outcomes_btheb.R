# Table 2 of Beat the Blues: at each visit the arms' summaries, the difference of means (Welch and Student), the
# difference adjusted for baseline, drug and length (analysis of covariance), and P adjusted over the visits; and whether
# the score is below 14 (minimal depression) as a binary outcome.
# Run after summary.R, which writes data/btheb.csv.
source("expected.R")
btheb <- read.csv(file.path("..", "data", "btheb.csv"), stringsAsFactors = FALSE)
btheb$treatment <- factor(btheb$treatment, levels = c("TAU", "BtheB"))
visits <- c("bdi_2m", "bdi_3m", "bdi_5m", "bdi_8m")

t_test <- function(y, equal) {
  test <- t.test(y[btheb$treatment == "BtheB"], y[btheb$treatment == "TAU"], var.equal = equal)
  list(estimate = unname(test$estimate[1] - test$estimate[2]), std_error = test$stderr, df = unname(test$parameter),
       statistic = unname(test$statistic), p_value = test$p.value, low = test$conf.int[1], high = test$conf.int[2])
}
values <- list()
for (v in visits) {
  y <- btheb[[v]]
  out <- list()
  for (a in levels(btheb$treatment)) {
    x <- y[btheb$treatment == a]
    out[[a]] <- list(n = sum(!is.na(x)), p = mean(!is.na(x)), mean = mean(x, na.rm = TRUE), sd = sd(x, na.rm = TRUE),
                     median = median(x, na.rm = TRUE))
  }
  out$welch <- t_test(y, FALSE)
  out$student <- t_test(y, TRUE)
  fit <- lm(reformulate(c("treatment", "bdi_pre", "drug", "length"), v), data = btheb)
  row <- coef(summary(fit))["treatmentBtheB", ]
  interval <- confint(fit)["treatmentBtheB", ]
  out$adjusted <- list(nobs = nobs(fit), estimate = row[[1]], std_error = row[[2]], df = df.residual(fit),
                       statistic = row[[3]], p_value = row[[4]], low = interval[[1]], high = interval[[2]])
  # At 90 percent, with one covariate.
  one <- lm(reformulate(c("treatment", "bdi_pre"), v), data = btheb)
  ninety <- confint(one, level = 0.9)["treatmentBtheB", ]
  out$ninety <- list(low = ninety[[1]], high = ninety[[2]])

  minimal <- y < 14
  counts <- table(factor(btheb$treatment, levels = c("BtheB", "TAU")), factor(minimal, levels = c(TRUE, FALSE)))
  n <- rowSums(counts); p <- counts[, 1] / n
  z <- qnorm(0.975)
  wilson <- function(x, n) {
    p <- x / n
    (p + z^2 / (2 * n) + c(-1, 1) * z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))) / (1 + z^2 / n)
  }
  w1 <- wilson(counts[1, 1], n[[1]]); w2 <- wilson(counts[2, 1], n[[2]])
  d <- p[[1]] - p[[2]]
  rr <- p[[1]] / p[[2]]
  rr_se <- sqrt(1 / counts[1, 1] - 1 / n[[1]] + 1 / counts[2, 1] - 1 / n[[2]])
  or <- counts[1, 1] * counts[2, 2] / (counts[1, 2] * counts[2, 1])
  or_se <- sqrt(sum(1 / counts))
  out$minimal <- list(
    events = I(unname(counts[, 1])), n = I(unname(n)),
    rd = I(c(d, d - sqrt((p[[1]] - w1[1])^2 + (w2[2] - p[[2]])^2), d + sqrt((w1[2] - p[[1]])^2 + (p[[2]] - w2[1])^2))),
    rr = I(exp(log(rr) + c(0, -z, z) * rr_se)), or = I(exp(log(or) + c(0, -z, z) * or_se)),
    chisq = chisq.test(counts, correct = FALSE)$p.value, corrected = chisq.test(counts)$p.value,
    fisher = fisher.test(counts)$p.value)
  values[[v]] <- out
}
p <- sapply(values, function(v) v$adjusted$p_value)
plain <- sapply(values, function(v) v$welch$p_value)
values$p_adjusted <- lapply(c(BH = "BH", BY = "BY", holm = "holm", hochberg = "hochberg", hommel = "hommel",
                              bonferroni = "bonferroni"), function(m) I(unname(p.adjust(p, m))))
values$p_adjusted$plain_BH <- I(unname(p.adjust(plain, "BH")))
write_expected("outcomes_btheb", "stats", "t.test, lm, confint, p.adjust, chisq.test, fisher.test; Newcombe, Katz, Woolf by their formulas",
               values, relative = 1e-10,
               of = list("bdi_8m.ninety.high" = list(relative = 1e-10, absolute = 1e-11, reason = "a limit near 0, where estimate and half-width of about 3 cancel")))
