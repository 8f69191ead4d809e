portal-title = Company Portal
