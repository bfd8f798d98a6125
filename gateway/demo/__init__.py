"""What `sordino demo` starts: a small shop bot, a chat page and a scripted conversation."""
