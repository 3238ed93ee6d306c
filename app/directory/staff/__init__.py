"""Who works here, with which roles where: taken on, changed, gone."""
