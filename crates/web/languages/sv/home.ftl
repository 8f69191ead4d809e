home-title = Hem
