# Adjusted families of contrasts after mixed models, by both methods of degrees of freedom; weighted means.
source("mixed_common.R")
suppressMessages(library(emmeans))
emm_options(msg.interaction = FALSE)
data <- mixed_data()[c("trial", "cbpp", "btheb")]
rows <- function(grid, adjust) {
  s <- as.data.frame(summary(grid, infer = TRUE, adjust = adjust))
  list(p = I(s$p.value), low = I(s$lower.CL), high = I(s$upper.CL))
}
cases <- list(trial_time = list("trial", "time", "arm"), cbpp = list("cbpp", "period", NULL), btheb = list("btheb", "treatment", NULL))
values <- lapply(cases, function(case) {
  model <- models[[case[[1]]]]
  m <- fit_model(model, data)
  grid <- function(mode, weights = "equal") {
    arguments <- list(m, specs = case[[2]], lmer.df = mode, cov.keep = "1", weights = weights)
    if (!is.null(case[[3]])) arguments$by <- case[[3]]
    suppressMessages(do.call(emmeans, arguments))
  }
  one <- function(mode) {
    g <- grid(mode)
    list(tukey = rows(contrast(g, "pairwise"), "tukey"), holm = rows(contrast(g, "consec"), "holm"),
         scheffe = rows(contrast(g, "pairwise"), "scheffe"), dunnett = rows(contrast(g, "trt.vs.ctrl1"), "mvt"))
  }
  weighted <- as.data.frame(grid("satterthwaite", "proportional"))
  c(header(model), list(of = I(case[[2]]), by = I(as.character(case[[3]])), proportional = list(mean = I(weighted$emmean), se = I(weighted$SE)),
                        satterthwaite = one("satterthwaite"), kenward_roger = one("kenward-roger")))
})
of <- list()
for (case in names(cases)) for (method in c("satterthwaite", "kenward_roger")) {
  of[[paste(case, method, "tukey", sep = ".")]] <- list(relative = 1e-3, absolute = 1e-6, reason = "R's qtukey searches to 1e-4, and both degrees of freedom are near 1e-4")
  of[[paste(case, method, "dunnett", sep = ".")]] <- list(relative = 1e-2, absolute = 2e-3, reason = "mvtnorm's default error, and whole degrees of freedom there")
}
write_expected("mixed_contrasts", "emmeans", "emmeans(lmer), contrast(), summary(adjust = )", c(values, list(levels = factor_levels(data))), relative = 1e-4, absolute = 1e-7, of = of)
