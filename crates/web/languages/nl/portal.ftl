portal-title = Bedrijfsportal
