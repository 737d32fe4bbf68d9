# Summaries and the nine types of quantile.
source("expected.R")
library(HSAUR3)

data(BtheB)
btheb <- data.frame(subject = seq_len(nrow(BtheB)), BtheB)
names(btheb) <- gsub(".", "_", names(btheb), fixed = TRUE)
write_data("btheb", btheb)

# A formula that both sides compute alike: products below 2^53, exact in doubles.
large <- ((seq_len(1e5) * 7919) %% 100003) / 8
samples <- list(
  one = 3.5, two = c(-1, 4), constant = rep(0.1, 7), ties = c(2, 2, 2, 5, 5, 1, 1, 9, 9, 9, 9),
  wide = c(1e-300, 1e300, -1e300, 1), cancelling = c(1e16, 1, -1e16, 1, 1),
  offset = 1e9 + c(4, 7, 13, 16), bdi = na.omit(btheb$bdi_pre), bdi8m = na.omit(btheb$bdi_8m), large = large)
probabilities <- c(0, 0.01, 0.1, 0.25, 1/3, 0.5, 0.6, 0.75, 0.9, 0.99, 1)
values <- lapply(samples, function(x) {
  out <- list(n = length(x), sum = sum(x), mean = mean(x), min = min(x), max = max(x), median = median(x))
  if (length(x) > 1 && max(abs(x)) < 1e200) out$sd <- sd(x)
  for (type in 1:9) out[[paste0("type", type)]] <- unname(quantile(x, probabilities, type = type))
  out
})
# By hand: R's second pass over the mean leaves 0.4375 where the exact mean is 1/4.
values$wide$mean <- 1 / 4
values$cancelling$sum <- 3
values$cancelling$mean <- 3 / 5
values$constant$sd <- 0
values$data <- list(probabilities = probabilities,
                    one = I(samples$one), two = samples$two, constant = samples$constant, ties = samples$ties,
                    wide = samples$wide, cancelling = samples$cancelling, offset = samples$offset)
write_expected("summary", "stats", "sum, mean, sd, min, max, median, quantile(type = 1:9)", values, relative = 1e-14)
