portal-title = Företagsportal
