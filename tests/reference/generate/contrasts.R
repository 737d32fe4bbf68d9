# Families of contrasts: weights, estimates, adjusted P values and simultaneous intervals as emmeans gives them, from
# means with their covariance.
source("expected.R")
suppressMessages(library(emmeans))
set.seed(51)
fits <- list(
  plants = list(lm(weight ~ group, PlantGrowth[-c(3, 4, 17), ]), "group"),
  chicks = list(lm(weight ~ feed, chickwts), "feed"),
  ancova = list(lm(breaks ~ tension + log(seq_along(breaks)), warpbreaks[-c(2, 9, 33), ]), "tension"))
kinds <- list(pairwise = "pairwise", reverse = "revpairwise", against = "trt.vs.ctrl1", consecutive = "consec",
              average = "eff", others = "del.eff", trends = "poly")
adjustments <- c("none", "bonferroni", "sidak", "scheffe", "holm", "hochberg", "hommel", "BH", "BY")
table <- function(contrasts, adjust) {
  s <- as.data.frame(summary(contrasts, infer = TRUE, adjust = adjust))
  list(p = I(s$p.value), low = I(s$lower.CL), high = I(s$upper.CL))
}
family <- function(grid, kind) {
  contrasts <- contrast(grid, kinds[[kind]])
  s <- as.data.frame(summary(contrasts, adjust = "none"))
  all <- adjustments
  if (kind %in% c("pairwise", "reverse")) all <- c(all, "tukey")
  if (kind %in% c("pairwise", "against", "consecutive")) all <- c(all, "mvt")
  # emmeans finds rank 3 for these three contrasts that add up to 0, from rounding in the covariate's mean.
  if (kind == "average" && any(grepl("log", as.character(grid@model.info$terms)))) all <- setdiff(all, "scheffe")
  c(list(estimate = I(s$estimate), se = I(s$SE), df = s$df[1]), sapply(all, function(a) table(contrasts, a), simplify = FALSE))
}
values <- lapply(fits, function(f) {
  grid <- suppressMessages(emmeans(f[[1]], f[[2]]))
  c(list(means = I(as.data.frame(grid)$emmean), covariance = I(as.numeric(vcov(grid)))),
    sapply(names(kinds), function(kind) family(grid, kind), simplify = FALSE))
})
trends <- sapply(3:8, function(k) as.numeric(as.matrix(emmeans:::poly.emmc(1:k, max.degree = min(6, k - 1)))))
names(trends) <- paste0("of", 3:8)
near <- function(part, absolute, reason) {
  keys <- unlist(lapply(names(fits), function(f) unlist(lapply(names(kinds), function(k) paste(f, k, part, sep = ".")))))
  have <- vapply(strsplit(keys, ".", fixed = TRUE), function(p) !is.null(values[[p[1]]][[p[2]]][[p[3]]]), TRUE)
  setNames(rep(list(list(absolute = absolute, reason = reason)), sum(have)), keys[have])
}
write_expected("contrasts", "emmeans", "contrast(emmeans(lm)), summary(adjust = )", c(values, list(trends = lapply(trends, I))), relative = 1e-10, of = c(
  near("sidak.p", 1e-14, "1 - (1 - p)^n loses the digits of a small p in R, not here"),
  near("tukey.p", 1e-9, "R's ptukey"),
  near("tukey.low", 2e-2, "R's qtukey searches to 1e-4, and standard errors are up to 30"), near("tukey.high", 2e-2, "R's qtukey searches to 1e-4, and standard errors are up to 30"),
  near("mvt.p", 1e-3, "mvtnorm's default error"), near("mvt.low", 3e-1, "mvtnorm's qmvt, an error of 0.01 in standard errors of up to 30"),
  near("mvt.high", 3e-1, "mvtnorm's qmvt, an error of 0.01 in standard errors of up to 30")))
