# Models for repeated measures from their formulas, independently of the program: likelihoods written out subject by
# subject, derivatives by Richardson extrapolation (numDeriv), nothing in closed form. Sourced by mmrm_*.R.
source("mixed_common.R")
suppressMessages({library(nlme); library(numDeriv)})

growth <- function() {
  d <- as.data.frame(Orthodont)
  d <- data.frame(distance = d$distance, age = d$age, subject = factor(as.character(d$Subject)),
                  sex = factor(as.character(d$Sex), c("Male", "Female")))
  d$visit <- factor(paste0("a", d$age), paste0("a", c(8, 10, 12, 14)))
  d
}

# The parameters are those of the R package mmrm (vignette on covariance structures).
sigma_of <- function(kind, theta, times) {
  m <- length(times)
  sphere <- function(x) x / sqrt(1 + x^2)
  lag <- abs(outer(seq_len(m), seq_len(m), "-"))
  hetero <- kind %in% c("us", "csh", "ar1h", "toeph", "adh")
  sds <- if (hetero) exp(theta[1:m]) else rep(exp(theta[1]), m)
  k <- theta[-seq_len(if (hetero) m else 1)]
  if (kind == "us") {
    l <- diag(m)
    for (i in seq_len(m)[-1]) for (j in seq_len(i - 1)) l[i, j] <- k[(i - 1) * (i - 2) / 2 + j]
    l <- diag(sds) %*% l
    return(l %*% t(l))
  }
  r <- switch(sub("h$", "", kind),
    cs = { a <- 1 / (m - 1); matrix(plogis(k) * (1 + a) - a, m, m) },
    ar1 = sphere(k)^lag,
    toep = matrix(c(1, sphere(k))[lag + 1], m, m),
    ad = outer(seq_len(m), seq_len(m), Vectorize(function(i, j)
      if (i == j) 1 else prod(sphere(k)[min(i, j):(max(i, j) - 1)]))),
    sp_exp = plogis(k)^abs(outer(times, times, "-")))
  diag(r) <- 1
  r * outer(sds, sds)
}

parameters_of <- function(kind, m) switch(kind, us = m * (m + 1) / 2, cs = 2, csh = m + 1, ar1 = 2, ar1h = m + 1,
                                          toep = m, toeph = 2 * m - 1, ad = m, adh = 2 * m - 1, sp_exp = 2)

problem_of <- function(model, d) {
  f <- as.formula(model$formula)
  d <- d[complete.cases(d[c(all.vars(f), model$visit, model$subject, model$group, model$weights)]), ]
  x <- model.matrix(f, d); y <- d[[all.vars(f)[1]]]
  v <- d[[model$visit]]
  times <- if (is.factor(v)) seq_along(levels(droplevels(v))) else sort(unique(v))
  visit <- if (is.factor(v)) as.integer(droplevels(v)) else match(v, times)
  g <- if (is.null(model$group)) rep(1L, nrow(d)) else as.integer(droplevels(d[[model$group]]))
  w <- if (is.null(model$weights)) rep(1, nrow(d)) else d[[model$weights]]
  rows <- split(seq_len(nrow(d)), factor(as.character(d[[model$subject]]), unique(as.character(d[[model$subject]]))))
  rows <- lapply(rows, function(i) i[order(visit[i])])
  list(d = d, x = x, y = y, times = times, visit = visit, g = g, w = w, rows = rows, kind = model$kind, reml = is.null(model$ml),
       k = parameters_of(model$kind, length(times)), groups = max(g))
}

blocks <- function(p, theta) {
  s <- lapply(seq_len(p$groups), function(g) sigma_of(p$kind, theta[(g - 1) * p$k + seq_len(p$k)], p$times))
  lapply(p$rows, function(i) s[[p$g[i[1]]]][p$visit[i], p$visit[i], drop = FALSE] / sqrt(outer(p$w[i], p$w[i])))
}

gls_at <- function(p, theta) {
  q <- ncol(p$x); a <- matrix(0, q, q); b <- numeric(q); yy <- 0; ld <- 0
  s <- blocks(p, theta)
  for (n in seq_along(p$rows)) {
    i <- p$rows[[n]]
    ch <- tryCatch(chol(s[[n]]), error = function(e) NULL)
    if (is.null(ch)) return(NULL)
    xw <- backsolve(ch, p$x[i, , drop = FALSE], transpose = TRUE); yw <- backsolve(ch, p$y[i], transpose = TRUE)
    a <- a + crossprod(xw); b <- b + crossprod(xw, yw); yy <- yy + sum(yw^2); ld <- ld + 2 * sum(log(diag(ch)))
  }
  phi <- tryCatch(solve(a), error = function(e) NULL)
  if (is.null(phi)) return(NULL)
  beta <- phi %*% b
  dof <- nrow(p$x) - if (p$reml) q else 0
  value <- ld + yy - sum(b * beta) + dof * log(2 * pi) + if (p$reml) as.numeric(determinant(a)$modulus) else 0
  list(value = value, beta = drop(beta), phi = phi)
}

# A start from the moments, then quasi-Newton, then Newton with numerical derivatives until the gradient is nothing.
optimum <- function(p) {
  f <- function(theta) { at <- gls_at(p, theta); if (is.null(at)) 1e10 else at$value }
  res <- residuals(lm.fit(p$x, p$y))
  s0 <- log(sd(res))
  m <- length(p$times)
  hetero <- p$kind %in% c("us", "csh", "ar1h", "toeph", "adh")
  one <- c(rep(s0, if (hetero) m else 1), rep(if (p$kind == "us") .3 else if (grepl("toep", p$kind)) .2 else .5, p$k - if (hetero) m else 1))
  theta <- rep(one, p$groups)
  for (round in 1:3) theta <- optim(theta, f, method = "BFGS", control = list(maxit = 1000, reltol = 1e-15))$par
  for (round in 1:4) {
    g <- grad(f, theta); h <- hessian(f, theta)
    theta <- theta - solve(h, g)
  }
  list(theta = theta, h = hessian(f, theta), gradient = max(abs(grad(f, theta))))
}

# Everything that is inferred at an optimum. information: observed (mmrm, SAS) or expected (Kenward & Roger 1997).
inferred <- function(p, o) {
  theta <- o$theta; k <- length(theta); q <- ncol(p$x)
  at <- gls_at(p, theta); phi <- at$phi
  s <- blocks(p, theta)
  sizes <- lengths(p$rows)
  stacked <- function(theta) unlist(lapply(blocks(p, theta), c))
  first <- jacobian(stacked, theta)
  cut <- function(v) { at <- cumsum(c(0, sizes^2)); lapply(seq_along(sizes), function(n) matrix(v[at[n] + seq_len(sizes[n]^2)], sizes[n])) }
  first <- lapply(seq_len(k), function(h) cut(first[, h]))
  inverse <- lapply(s, solve)
  x <- lapply(p$rows, function(i) p$x[i, , drop = FALSE])
  sum_of <- function(f) Reduce(`+`, lapply(seq_along(s), f))
  P <- lapply(seq_len(k), function(h) -sum_of(function(n) t(x[[n]]) %*% inverse[[n]] %*% first[[h]][[n]] %*% inverse[[n]] %*% x[[n]]))
  # Second derivatives of Sigma, one distinct matrix a group.
  second <- lapply(seq_len(p$groups), function(g) {
    own <- theta[(g - 1) * p$k + seq_len(p$k)]
    m <- length(p$times)
    array(apply(expand.grid(seq_len(m), seq_len(m)), 1, function(ij)
      hessian(function(t) sigma_of(p$kind, t, p$times)[ij[1], ij[2]], own)), c(p$k, p$k, m, m))
  })
  group_of <- function(h) (h - 1) %/% p$k + 1
  W <- 2 * solve(o$h)
  expected <- matrix(0, k, k); linear <- matrix(0, q, q); bent <- matrix(0, q, q); linear_expected <- linear
  Q <- list(); R <- list()
  for (h in seq_len(k)) for (j in seq_len(k)) {
    Qhj <- sum_of(function(n) t(x[[n]]) %*% inverse[[n]] %*% first[[h]][[n]] %*% inverse[[n]] %*% first[[j]][[n]] %*% inverse[[n]] %*% x[[n]])
    tr <- sum_of(function(n) sum(diag(inverse[[n]] %*% first[[h]][[n]] %*% inverse[[n]] %*% first[[j]][[n]])))
    expected[h, j] <- tr - 2 * sum(diag(phi %*% Qhj)) + sum(diag(phi %*% P[[h]] %*% phi %*% P[[j]]))
    Q[[paste(h, j)]] <- Qhj
    R[[paste(h, j)]] <- if (group_of(h) != group_of(j)) matrix(0, q, q) else sum_of(function(n) {
      i <- p$rows[[n]]
      if (p$g[i[1]] != group_of(h)) return(matrix(0, q, q))
      d2 <- second[[group_of(h)]][(h - 1) %% p$k + 1, (j - 1) %% p$k + 1, , ]
      d2 <- d2[p$visit[i], p$visit[i], drop = FALSE] / sqrt(outer(p$w[i], p$w[i]))
      t(x[[n]]) %*% inverse[[n]] %*% d2 %*% inverse[[n]] %*% x[[n]]
    })
  }
  We <- 2 * solve(expected)
  adjusted <- function(W, quarter) {
    lambda <- matrix(0, q, q)
    for (h in seq_len(k)) for (j in seq_len(k))
      lambda <- lambda + W[h, j] * (Q[[paste(h, j)]] - P[[h]] %*% phi %*% P[[j]] - quarter * R[[paste(h, j)]])
    phi + 2 * phi %*% lambda %*% phi
  }
  # The derivatives of Phi by differences.
  slopes <- array(jacobian(function(t) c(gls_at(p, t)$phi), theta), c(q, q, k))
  one_df <- function(l, W) { v <- drop(t(l) %*% phi %*% l); g <- apply(slopes, 3, function(m) drop(t(l) %*% m %*% l)); 2 * v^2 / drop(t(g) %*% W %*% g) }
  satterthwaite_md <- function(L, W) {
    e <- eigen(L %*% phi %*% t(L), symmetric = TRUE)
    rot <- t(e$vectors) %*% L
    f <- mean(drop(rot %*% at$beta)^2 / e$values)
    nu <- apply(rot, 1, one_df, W = W)
    ddf <- if (all(abs(nu - nu[1]) < 1e-8)) mean(nu) else { E <- sum(nu / (nu - 2)); 2 * E / (E - length(nu)) }
    c(f, nrow(L), ddf, pf(f, nrow(L), ddf, lower.tail = FALSE))
  }
  kr_md <- function(L, W, V) {
    c <- nrow(L)
    M <- t(L) %*% solve(L %*% phi %*% t(L)) %*% L
    A1 <- A2 <- 0
    MPP <- lapply(P, function(m) M %*% phi %*% m %*% phi)
    for (h in seq_len(k)) for (j in seq_len(k)) {
      A1 <- A1 + W[h, j] * sum(diag(MPP[[h]])) * sum(diag(MPP[[j]]))
      A2 <- A2 + W[h, j] * sum(diag(MPP[[h]] %*% MPP[[j]]))
    }
    B <- (A1 + 6 * A2) / (2 * c); g <- ((c + 1) * A1 - (c + 4) * A2) / ((c + 2) * A2); den <- 3 * c + 2 * (1 - g)
    c1 <- g / den; c2 <- (c - g) / den; c3 <- (c + 2 - g) / den
    Es <- 1 / (1 - A2 / c); Vs <- (2 / c) * (1 + c1 * B) / ((1 - c2 * B)^2 * (1 - c3 * B))
    rho <- Vs / (2 * Es^2); m <- 4 + (c + 2) / (c * rho - 1); lambda <- m / (Es * (m - 2))
    b <- L %*% at$beta
    f <- lambda * drop(t(b) %*% solve(L %*% V %*% t(L)) %*% b) / c
    c(f, c, m, pf(f, c, m, lower.tail = FALSE))
  }
  list(at = at, W = W, We = We, adjusted = adjusted, one_df = one_df, satterthwaite_md = satterthwaite_md, kr_md = kr_md, q = q)
}

describe <- function(model, data) {
  d <- data[[model$data]]
  p <- problem_of(model, d)
  o <- optimum(p)
  stopifnot(o$gradient < 1e-4)
  i <- inferred(p, o)
  q <- i$q
  V <- lapply(list(kr = list(i$W, .25), linear = list(i$W, 0), expected = list(i$We, 0)), function(a) i$adjusted(a[[1]], a[[2]]))
  se <- function(m) I(unname(sqrt(diag(m))))
  units <- diag(q)
  L <- rbind(units[q, ] - 2 * units[q - 1, ], units[2, ] * 3 + units[q - 1, ])
  covariances <- lapply(seq_len(p$groups), function(g) sigma_of(p$kind, o$theta[(g - 1) * p$k + seq_len(p$k)], p$times))
  out <- list(formula = I(model$formula), data = I(model$data), visit = I(model$visit), subject = I(model$subject),
              group = I(if (is.null(model$group)) "" else model$group), weights = I(if (is.null(model$weights)) "" else model$weights),
              kind = I(model$kind), reml = p$reml, theta = I(o$theta), criterion = i$at$value, beta = I(unname(i$at$beta)),
              se = se(i$at$phi), sigma = I(unlist(lapply(covariances, c))), rows = I(c(t(L))),
              satterthwaite = list(df = I(apply(units, 1, i$one_df, W = i$W)), joint = I(i$satterthwaite_md(L, i$W))))
  if (p$reml) {
    out$kenward_roger <- list(se = se(V$kr), joint = I(i$kr_md(L, i$W, V$kr)))
    out$kenward_roger_linear <- list(se = se(V$linear), joint = I(i$kr_md(L, i$W, V$linear)))
    out$expected <- list(df = I(apply(units, 1, i$one_df, W = i$We)), se = se(V$expected), joint = I(i$kr_md(L, i$We, V$expected)))
  }
  out
}
