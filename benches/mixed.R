# The R side of mixed.py: makes the data, or fits one case as often as asked and prints times and results as JSON.
#   Rscript mixed.R data FOLDER
#   Rscript mixed.R fit CASE FILE FORMULA REPEATS

suppressMessages(library(lme4))

save <- function(d, folder, name)
  write.csv(d, file.path(folder, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)

# Participants with visits; time in two pieces, before and after the fourth visit.
trial <- function(n, visits, missing, jitter = 0) {
  d <- expand.grid(visit = seq_len(visits) - 1, id = seq_len(n))
  time <- d$visit + round(jitter * runif(nrow(d), -0.4, 0.4), 3)
  half <- floor(visits / 2)
  d$t1 <- pmin(time, half)
  d$t2 <- pmax(time - half, 0)
  d$arm <- sample(c("active", "control"), n, TRUE)[d$id]
  d$age <- round(rnorm(n, 45, 12))[d$id]
  d$sex <- sample(c("f", "m"), n, TRUE)[d$id]
  b <- matrix(rnorm(3 * n), n) %*% chol(matrix(c(9, 0.5, 0.2, 0.5, 0.4, 0.1, 0.2, 0.1, 0.3), 3))
  fixed <- 20 - 0.4 * d$t1 * (d$arm == "active") + 0.5 * d$t1 + 0.02 * d$age
  d$y <- round(fixed + b[d$id, 1] + b[d$id, 2] * d$t1 + b[d$id, 3] * d$t2 + rnorm(nrow(d), 0, 2), 4)
  d[runif(nrow(d)) > missing, c("id", "arm", "age", "sex", "t1", "t2", "y")]
}

binary <- function(n, visits) {
  d <- trial(n, visits, 0)
  eta <- -1 + 0.15 * d$t1 - 0.1 * d$t1 * (d$arm == "active") + 0.01 * (d$age - 45) + rnorm(n, 0, 1.2)[d$id]
  d$event <- rbinom(nrow(d), 1, plogis(eta))
  d$decades <- (d$age - 45) / 10
  d[c("id", "arm", "decades", "t1", "event")]
}

many <- function(n, rows) {
  d <- data.frame(id = c(seq_len(n), sample(n, rows - n, TRUE)))
  d <- d[order(d$id), , drop = FALSE]
  d$arm <- sample(c("active", "control"), n, TRUE)[d$id]
  d$x <- round(rnorm(rows), 4)
  d$y <- round(1 + 0.5 * d$x - 0.2 * (d$arm == "active") + rnorm(n)[d$id] + rnorm(rows), 4)
  d
}

make <- function(folder) {
  set.seed(20231)
  save(trial(2315, 8, 0.15), folder, "slopes")
  save(trial(2315, 8, 0.15, jitter = 1), folder, "times")
  save(many(125000, 500000), folder, "intercepts")
  save(InstEval[c("s", "d", "service", "dept", "y")], folder, "insteval")
  save(trial(200, 4, 0.1), folder, "small")
  save(binary(2315, 8), folder, "binary")
}

factors <- c("id", "s", "d", "service", "dept", "arm", "sex")

read <- function(file) {
  d <- read.csv(file)
  for (name in intersect(names(d), factors)) d[[name]] <- factor(d[[name]])
  d
}

variances <- function(fit) as.data.frame(VarCorr(fit), order = "lower.tri")

linear <- function(fit, ...) list(
  estimate = fixef(fit), se = sqrt(diag(as.matrix(vcov(fit)))), component = variances(fit)$sdcor,
  criterion = if (isREML(fit)) REMLcrit(fit) else -2 * as.numeric(logLik(fit)))

found <- function(values, ...) values

tests <- function(fit, ddf) {
  table <- coef(summary(fit, ddf = ddf))
  c(linear(fit)["criterion"], list(estimate = table[, 1], se = table[, 2], df = table[, 3]))
}

# What each case times, and what of it is compared.
cases <- list(
  lmer = list(function(f, d) lmer(f, d), linear),
  satterthwaite = list(function(f, d) {
    fit <- lmerTest::lmer(f, d)
    tests(fit, "Satterthwaite")
  }, found),
  "kenward-roger" = list(function(f, d) {
    fit <- lmerTest::lmer(f, d)
    tests(fit, "Kenward-Roger")
  }, found),
  profile = list(function(f, d) {
    fit <- lmer(f, d)
    limits <- suppressMessages(confint(fit, method = "profile"))
    list(low = limits[, 1], high = limits[, 2])
  }, found),
  laplace = list(function(f, d) glmer(f, d, binomial), NULL),
  quadrature = list(function(f, d) glmer(f, d, binomial, nAGQ = 7), NULL))
logistic <- function(fit, ...) list(
  estimate = fixef(fit), se = sqrt(diag(as.matrix(vcov(fit)))), component = variances(fit)$sdcor,
  criterion = -2 * as.numeric(logLik(fit)))
# By default glmer's inner iterations end so early that its optimum is another one: the results compared, not the
# times, are of exact ones.
cases$laplace[[2]] <- function(fit, f, d) logistic(glmer(f, d, binomial, control = glmerControl(tolPwrss = 1e-12)))
cases$quadrature[[2]] <- logistic

json <- function(x) {
  if (is.list(x)) paste0("{", paste0("\"", names(x), "\":", vapply(x, json, ""), collapse = ","), "}")
  else if (is.character(x)) paste0("\"", x, "\"")
  else paste0("[", paste(ifelse(is.finite(x), formatC(x, digits = 17, format = "g"), "null"), collapse = ","), "]")
}

measure <- function(case, file, formula, repeats) {
  data <- read(file)
  formula <- as.formula(formula)
  seconds <- cpu <- numeric(0)
  for (i in seq_len(repeats)) {
    result <- NULL
    gc(FALSE)
    before <- proc.time()
    result <- cases[[case]][[1]](formula, data)
    spent <- proc.time() - before
    seconds <- c(seconds, spent[["elapsed"]])
    cpu <- c(cpu, spent[["user.self"]] + spent[["sys.self"]])
  }
  values <- if (repeats > 0) cases[[case]][[2]](result, formula, data) else list(none = numeric(0))
  packages <- c("lme4", "lmerTest", "pbkrtest")
  versions <- paste(packages, vapply(packages, function(p) as.character(packageVersion(p)), ""), collapse = ", ")
  blas <- basename(extSoftVersion()[["BLAS"]])
  cat(json(list(seconds = seconds, cpu = cpu, values = lapply(values, unname),
    versions = paste0(R.version.string, "; ", versions, "; ", blas))), "\n", sep = "")
}

arguments <- commandArgs(TRUE)
if (arguments[1] == "data") {
  make(arguments[2])
} else {
  measure(arguments[2], arguments[3], arguments[4], as.integer(arguments[5]))
}
