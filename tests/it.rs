//! The one integration binary; a module a topic (each binary would link hundreds of MB).
