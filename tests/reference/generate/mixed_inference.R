# Tests of fixed effects by Satterthwaite and Kenward-Roger, type III tables, joint tests, marginal means.
source("mixed_common.R")
suppressMessages(library(emmeans))
emm_options(msg.interaction = FALSE, lmerTest.limit = 1e5, pbkrtest.limit = 1e5)
data <- mixed_data()

fixed <- function(m, ddf) {
  s <- suppressMessages(coef(summary(m, ddf = ddf)))
  list(se = I(unname(s[, "Std. Error"])), df = I(unname(s[, "df"])), t = I(unname(s[, "t value"])),
       p = I(unname(s[, "Pr(>|t|)"])))
}

table3 <- function(m, ddf) {
  a <- suppressMessages(anova(m, type = 3, ddf = ddf))
  list(terms = I(rownames(a)), f = I(a[["F value"]]), df = I(a[["NumDF"]]), df_residual = I(a[["DenDF"]]),
       p = I(a[["Pr(>F)"]]))
}

f_row <- function(m, l, ddf) {
  a <- suppressMessages(contestMD(m, l, ddf = ddf))
  I(unname(c(a[["F value"]], a[["NumDF"]], a[["DenDF"]], a[["Pr(>F)"]])))
}

kr <- c("sleep", "sleep_slope", "sleep_independent", "sleep_quadratic", "penicillin", "pastes", "cbpp", "btheb", "btheb_slope",
        "trial", "trial_slope", "trial_three", "trial_site", "trial_split", "nested", "nested_crossed", "singular")
satterthwaite <- c(setdiff(names(models), c("trial_rank", "insteval", "trial_factor")))

describe <- function(name) {
  model <- models[[name]]
  m <- fit_model(model, data)
  p <- length(fixef(m))
  out <- header(model)
  out$satterthwaite <- fixed(m, "Satterthwaite")
  # All coefficients but the first, the last two together with a sum of theirs, and a set of different scales.
  if (p > 2) {
    unit <- diag(p)
    out$rows <- I(c(t(rbind(unit[p, ] - 2 * unit[p - 1, ], unit[1, ] * 10 + unit[2, ]))))
    l <- matrix(out$rows, 2, byrow = TRUE)
    out$satterthwaite$joint <- f_row(m, l, "Satterthwaite")
  }
  terms <- length(attr(terms(m), "term.labels"))
  if (terms) out$satterthwaite$type3 <- table3(m, "Satterthwaite")
  if (name %in% kr) {
    out$kenward_roger <- fixed(m, "Kenward-Roger")
    if (p > 2) out$kenward_roger$joint <- f_row(m, l, "Kenward-Roger")
    if (terms) out$kenward_roger$type3 <- table3(m, "Kenward-Roger")
  }
  out
}
values <- setNames(lapply(satterthwaite, describe), satterthwaite)

rows <- function(grid) {
  s <- as.data.frame(summary(grid, infer = c(TRUE, TRUE), adjust = "none"))
  estimate <- intersect(c("emmean", "estimate"), names(s))
  list(estimate = I(s[[estimate]]), se = I(s$SE), df = I(s$df), t = I(s$t.ratio), p = I(s$p.value), low = I(s$lower.CL),
       high = I(s$upper.CL))
}
means <- lapply(list(trial = list("trial", "arm", "time"), trial_time = list("trial", "time", "arm"),
                     trial_slope = list("trial_slope", "arm", NULL), btheb = list("btheb", "treatment", NULL),
                     cbpp = list("cbpp", "period", NULL)), function(case) {
  model <- models[[case[[1]]]]
  m <- fit_model(model, data)
  one <- function(mode) {
    arguments <- list(m, specs = case[[2]], lmer.df = mode, cov.keep = "1")
    if (!is.null(case[[3]])) arguments$by <- case[[3]]
    grid <- suppressMessages(do.call(emmeans, arguments))
    list(means = rows(grid), pairwise = rows(contrast(grid, "pairwise")))
  }
  c(header(model), list(of = I(case[[2]]), by = I(as.character(case[[3]])), satterthwaite = one("satterthwaite"),
                        kenward_roger = one("kenward-roger")))
})

own <- function(key, relative, absolute, reason) setNames(list(list(relative = relative, absolute = absolute, reason = reason)), key)
of <- c(do.call(c, unname(lapply(names(values), function(name) {
  prefix <- paste0("fits.", name, ".")
  do.call(c, lapply(c("satterthwaite", "kenward_roger"), function(method) {
    if (is.null(values[[name]][[method]])) return(NULL)
    c(own(paste0(prefix, method, ".se"), 1e-5, 0, "architecture.md"), own(paste0(prefix, method, ".df"), 1e-4, 0, "architecture.md"),
      own(paste0(prefix, method, ".p"), 1e-4, 1e-12, "the far tail multiplies what is left of the degrees of freedom"),
      own(paste0(prefix, method, ".joint"), 1e-4, 1e-12, "the far tail multiplies what is left of the degrees of freedom"))
  }))
}))))
write_expected("mixed_inference", "lmerTest",
               "lmerTest: summary, anova(type = 3), contestMD with ddf = Satterthwaite and Kenward-Roger (pbkrtest 0.5.2); emmeans 1.8.4.1",
               list(fits = values, means = means, levels = factor_levels(data[setdiff(names(data), "insteval")])), relative = 1e-4, of = of)
