# Frequencies of drug and length by arm of Beat the Blues, with Wilson intervals (prop.test without correction) and tests.
# Run after summary.R, which writes data/btheb.csv.
source("expected.R")
btheb <- read.csv(file.path("..", "data", "btheb.csv"), stringsAsFactors = FALSE)
values <- list()
for (v in c("drug", "length")) {
  out <- list()
  for (a in c("TAU", "BtheB", "overall")) {
    x <- btheb[[v]][a == "overall" | btheb$treatment == a]
    n <- as.vector(table(x))
    limits <- sapply(n, function(k) prop.test(k, length(x), correct = FALSE)$conf.int)
    out[[a]] <- list(n = I(n), p = I(n / length(x)), conf.low = I(limits[1, ]), conf.high = I(limits[2, ]))
  }
  counts <- table(btheb$treatment, btheb[[v]])
  plain <- chisq.test(counts, correct = FALSE)
  values[[v]] <- c(list(statistic = unname(plain$statistic), chisq = plain$p.value,
                        "chisq-corrected" = chisq.test(counts)$p.value, fisher = fisher.test(counts)$p.value), out)
}
write_expected("frequencies_btheb", "stats", "table, prop.test, chisq.test, fisher.test", values, relative = 1e-10)
